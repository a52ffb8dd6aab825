use super::*;
use bellwether_hal::linux::edac::probes;
use bellwether_hal::linux::probe::Measure;

/// Broken if a counter of errors is missed, or a number that counts none is taken for one.
#[test]
fn errors_of_controllers_and_modules_are_counted() {
    let tree = Tree::new(&[
        ("mc0/ce_count", "17\n"),
        ("mc0/ce_noinfo_count", "0\n"),
        ("mc0/ue_count", "1\n"),
        ("mc0/seconds_since_reset", "100\n"),
        ("mc0/dimm0/dimm_label", "CPU1_DIMM_B2\n"),
        ("mc0/dimm0/dimm_ce_count", "16\n"),
        ("mc0/dimm0/dimm_ue_count", "1\n"),
        ("mc0/dimm10/dimm_ce_count", "1\n"),
        ("mc0/csrow2/ce_count", "4\n"),
        ("mc0/csrow2/ch0_ce_count", "4\n"),
        ("mc0/power/ce_count", "9\n"),
        ("mcx/ce_count", "9\n"),
    ]);
    let mut controllers = probes(tree.root(), &all(), &files()).unwrap();
    let names = [
        "edac/mc0/ce",
        "edac/mc0/ce_noinfo",
        "edac/mc0/ue",
        "edac/mc0/csrow2/ce",
        "edac/mc0/dimm0:CPU1_DIMM_B2/ce",
        "edac/mc0/dimm0:CPU1_DIMM_B2/ue",
        "edac/mc0/dimm10/ce",
    ];
    assert_eq!(identities(&controllers), names);
    let channels = controllers[0].channels();
    assert!(
        channels
            .iter()
            .all(|c| c.measure == Measure::Errors && c.unit == "1/s")
    );
    let expected = [17.0, 0.0, 1.0, 4.0, 16.0, 1.0, 1.0].map(Ok);
    assert_eq!(read(&mut controllers), expected);
    fs::remove_dir_all(tree.path("mc0/dimm10")).unwrap();
    let mut expected = expected.to_vec();
    expected[6] = MISSING;
    read_until(&mut controllers, &expected);
}
