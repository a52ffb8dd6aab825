//! The bits of every number of a row, from a fit whose numbers are given: they must be the same on
//! every target, and were made by an implementation in another language.

use super::series::{FITTED, ROWS, THREE, frozen, readings, series};
use crate::Tick;
use crate::quartet::Settings;

/// Broken by another order of operations, a contraction, a division in place of a reciprocal, or a byte
/// that rounds otherwise.
#[test]
fn every_number_has_the_bits_of_the_reference() {
    let rows: [(usize, [u32; 6]); 20] = [
        (
            100,
            [
                0x3e55_2735,
                0x3eac_c995,
                0x3f49_7d14,
                0x3a2c_f800,
                0x0000_0000,
                0x0000_0000,
            ],
        ),
        (
            101,
            [
                0x3e6d_5e3a,
                0x3eaf_2f46,
                0x3f57_6ba7,
                0x38ab_6aab,
                0x0000_0000,
                0x0000_0000,
            ],
        ),
        (
            102,
            [
                0x3e1d_86e9,
                0x3eb0_5898,
                0x3fa7_9e12,
                0x3acc_d2ab,
                0x3d41_bbb5,
                0x3dc1_bbb5,
            ],
        ),
        (
            103,
            [
                0x3e05_a459,
                0x3eb0_4fb7,
                0x3f6b_cfef,
                0x3b5a_922b,
                0x0000_0000,
                0x3d31_96bb,
            ],
        ),
        (
            107,
            [
                0x3e16_cd50,
                0x3eb1_9881,
                0x3f1d_1e88,
                0x392d_02ab,
                0x0000_0000,
                0x3cfa_c770,
            ],
        ),
        (
            140,
            [
                0x3e9f_7d66,
                0x3ea9_4a74,
                0x3f6a_4b0a,
                0x3ab8_3800,
                0x3e02_1f9b,
                0x3e82_1f9b,
            ],
        ),
        (
            190,
            [
                0x3e98_4199,
                0x3ebc_0437,
                0x3fdb_45b0,
                0x3b9c_3400,
                0x3e84_ad9e,
                0x3f04_ad9e,
            ],
        ),
        (
            299,
            [
                0x3dd0_2f82,
                0x3e82_6487,
                0x3faa_af37,
                0x39f8_f2ab,
                0x3d69_1965,
                0x3e7a_1c00,
            ],
        ),
        (
            300,
            [
                0x404e_d7be,
                0x3f8a_e639,
                0x40b3_3cfb,
                0x40ab_c7fb,
                0x4048_16dc,
                0x40c8_16dc,
            ],
        ),
        (
            301,
            [
                0x404e_aa61,
                0x3fc0_1822,
                0x3f53_d04a,
                0x40c0_6752,
                0x402f_8054,
                0x40ba_c552,
            ],
        ),
        (
            303,
            [
                0x4037_2e2e,
                0x4003_f1bc,
                0x3f1f_c652,
                0x40bf_3226,
                0x4035_16b0,
                0x40bb_eb5e,
            ],
        ),
        (
            304,
            [
                0x3dfd_aedc,
                0x4004_1c81,
                0x40d1_37d0,
                0x390d_af56,
                0x3f93_6319,
                0x4081_2d87,
            ],
        ),
        (
            320,
            [
                0x3e5a_4619,
                0x3e8e_0a35,
                0x3f71_a358,
                0x3bea_2700,
                0x0000_0000,
                0x3f59_7cce,
            ],
        ),
        (
            400,
            [
                0x408c_5001,
                0x4001_2f33,
                0x3efa_ba70,
                0x411a_aaf3,
                0x4043_94e6,
                0x40d3_f8cb,
            ],
        ),
        (
            405,
            [
                0x408e_a08d,
                0x407c_90cf,
                0x3f0b_dd3e,
                0x4160_e4fa,
                0x4057_9929,
                0x40da_b3d4,
            ],
        ),
        (
            429,
            [
                0x4094_60dd,
                0x409d_3f25,
                0x3edf_15f2,
                0x418b_486a,
                0x405f_c0ec,
                0x40df_c626,
            ],
        ),
        (
            430,
            [
                0x3eac_9c79,
                0x4094_7617,
                0x412b_6280,
                0x3ac2_dc00,
                0x3fdd_550c,
                0x40a2_843f,
            ],
        ),
        (
            580,
            [
                0x3e63_c675,
                0x3e75_da19,
                0x3f86_7895,
                0x3b95_3d56,
                0x0000_0000,
                0x3d9d_93ee,
            ],
        ),
        (
            581,
            [
                0x3e04_ad23,
                0x3e77_bc9a,
                0x3f57_47d2,
                0x3c30_0c56,
                0x0000_0000,
                0x3d90_7245,
            ],
        ),
        (
            599,
            [
                0x3e47_c44c,
                0x3e7f_44d3,
                0x3f64_8780,
                0x3a67_8d56,
                0x0000_0000,
                0x3d1b_76a9,
            ],
        ),
    ];
    let sums = [
        0xb8e3_59fa_u32,
        0xb0e0_e0dc,
        0x87d8_f238,
        0x0d0e_9a78,
        0x8d6d_66e9,
        0x7cc6_2cba,
    ];
    let settings = Settings::new(THREE);
    let rules = settings.try_into().expect("room");
    let mut three = frozen(settings);
    let series = series();
    let mut found = [0_u32; 6];
    for (t, row) in series.iter().enumerate().skip(FITTED) {
        let verdict = three.decide(&rules, Tick(t as u64), &readings(row));
        let score = verdict.score.expect("judged");
        let [a, b, c, d] = score.lanes;
        let bits = [a, b, c, d, score.onset, score.total()].map(f32::to_bits);
        if let Some((_, wanted)) = rows.iter().find(|(row, _)| *row == t) {
            assert_eq!(&bits, wanted, "row {t}: {score:?}");
        }
        for (sum, bits) in found.iter_mut().zip(bits) {
            *sum = sum.wrapping_add(bits);
        }
    }
    assert_eq!(found, sums, "over all {} rows", ROWS - FITTED);
}
