//! Streams and snapshots that nobody should send.

use crate::quartet::{Calibration, Fit, Settings, Shape};
use crate::{Detector, Reading, Snapshot, Tick, quartet_of};
use proptest::prelude::*;
use std::vec::Vec;

const SHAPE: Shape = Shape {
    variables: 3,
    vectors: 5,
    candidates: 2,
};
type Three = quartet_of!(SHAPE);
type Rules = <Three as Detector>::Rules<'static>;

fn rules() -> Rules {
    let settings = Settings {
        every: 3,
        distances_per_row: Some(2),
        ..Settings::new(SHAPE)
    };
    settings.try_into().expect("room")
}

fn fitted(mean: f32, inverse: f32) -> Three {
    let fit = Fit {
        rows: 100,
        mean: &[mean; 3],
        inv_deviation: &[inverse; 3],
        inv_difference: &[inverse; 3],
        center: &[0.5; 3],
        outside: &[0.5, -0.5, 0.5, 0.0, 0.0, 1.0],
        calibration: Calibration {
            usual: [0.1; 4],
            inv_scale: [25.0, 25.0, 25.0, 250.0],
        },
        short: &[0, 1, 2, 3, 4, 5],
        long: &[7; 30],
        recent: &[mean; 3],
    };
    let mut three = Three::new();
    three.load(&rules(), &fit).expect("a fit");
    three
}

/// Any bits, but often of a size.
fn hostile() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        -1e3_f32..1e3,
        Just(f32::MAX),
        Just(f32::MIN),
        Just(f32::MIN_POSITIVE),
        Just(0.0),
    ]
}

proptest! {
    #[test]
    fn whatever_comes_the_score_is_a_number_and_so_are_its_parts(
        rows in prop::collection::vec([hostile(), hostile(), hostile()], 1..80),
        mean in prop_oneof![Just(0.0_f32), -1e3_f32..1e3, Just(f32::MAX)],
        inverse in prop_oneof![Just(0.0_f32), 1e-3_f32..1e3, Just(1e12_f32)],
    ) {
        let mut three = fitted(mean, inverse);
        for (tick, row) in rows.iter().enumerate() {
            let (tick, row) = (Tick(tick as u64), row.map(Reading::from));
            let mut parts = [f32::NAN; 3];
            let verdict = three.explain(&rules(), tick, &row, &mut parts);
            let score = verdict.score.expect("judged");
            for number in score.lanes.iter().chain(&parts).chain([&score.onset, &score.held]) {
                prop_assert!(number.is_finite() && *number >= 0.0, "{score:?} {parts:?}");
            }
            prop_assert_eq!(verdict.assessment.is_anomalous(), score.total() > 2.0);
        }
    }

    /// A missing value, whatever its bits, is the last one again.
    #[test]
    fn a_value_that_is_not_finite_is_a_gap(
        bits in any::<u32>(),
        rows in prop::collection::vec((-3.0_f32..3.0, any::<bool>()), 1..60),
    ) {
        let odd = f32::from_bits(bits | 0x7f80_0000);
        let (mut gaps, mut held) = (fitted(0.0, 1.0), fitted(0.0, 1.0));
        let mut last = 0.0;
        for (tick, (x, gone)) in rows.into_iter().enumerate() {
            let tick = Tick(tick as u64);
            last = if gone { last } else { x };
            let row = |second| [x, second, -x].map(Reading::Value);
            let a = gaps.observe(&rules(), tick, &row(if gone { odd } else { x }));
            let b = held.observe(&rules(), tick, &row(last));
            prop_assert_eq!(a, b);
        }
    }

    /// A snapshot with a right checksum and any content is refused, or gives a detector that works.
    #[test]
    fn any_content_is_refused_or_harmless(
        at in any::<prop::sample::Index>(),
        value in any::<u8>(),
        cut in 0_u64..40,
    ) {
        let mut three = fitted(0.0, 1.0);
        let row = |t: u64| [1.0, 0.3, -0.7].map(|x| Reading::Value(x * (t % 7) as f32));
        for t in 0..cut {
            three.observe(&rules(), Tick(t), &row(t));
        }
        let mut buffer = [0; Three::SNAPSHOT_MAX];
        let used = three.save(&rules(), &mut buffer).expect("room");
        let body = 14..used - 4;
        let at = body.start + at.index(body.len());
        buffer[at] = value;
        let sum = crate::wire::checksum::CRC.checksum(&buffer[..used - 4]).to_le_bytes();
        buffer[used - 4..used].copy_from_slice(&sum);
        let mut restored = Three::new();
        if restored.restore(&rules(), &buffer[..used]).is_ok() {
            for t in 1_000..1_060 {
                let answer = restored.observe(&rules(), Tick(t), &row(t));
                if let Some(score) = answer.score {
                    prop_assert!(score.is_finite() && score >= 0.0);
                }
            }
            let mut again = [0; Three::SNAPSHOT_MAX];
            prop_assert!(restored.save(&rules(), &mut again).is_ok());
        } else {
            prop_assert!(restored == Three::new());
        }
    }
}

/// A shift of mean and values together changes no byte and no decision: an offset blinds nothing.
#[test]
fn an_offset_changes_nothing() {
    let rows: Vec<[f32; 3]> = (0..60)
        .map(|t| [0.0, 1.0, 2.0].map(|j| ((t * 3) as f32 + j) % 7.0 - 3.0))
        .collect();
    for offset in [273.0, 1_000.0, 10_000.0, 100_000.0] {
        let (mut here, mut there) = (fitted(0.0, 0.5), fitted(offset, 0.5));
        for (t, row) in rows.iter().enumerate() {
            let tick = Tick(t as u64);
            let plain = row.map(Reading::Value);
            let moved = row.map(|x| Reading::Value(x + offset));
            let a = here.observe(&rules(), tick, &plain);
            assert_eq!(a, there.observe(&rules(), tick, &moved), "row {t}");
        }
    }
}
