use super::*;
use bellwether_hal::linux::thermal::probes;

fn find(tree: &Tree) -> Vec<Box<dyn Probe>> {
    probes(tree.root(), &all(), &files()).unwrap()
}

/// Broken if a cooling device is taken for a zone, or a zone for another of its type.
#[test]
fn zones_are_told_apart_by_type_and_device() {
    let tree = Tree::new(&[
        ("thermal_zone0/type", "acpitz\n"),
        ("thermal_zone0/temp", "27800\n"),
        ("thermal_zone1/type", "acpitz\n"),
        ("thermal_zone1/temp", "-5000\n"),
        ("thermal_zone2/type", "soc\n"),
        ("thermal_zone2/temp", "50000\n"),
        ("thermal_zone3/type", "twin\n"),
        ("thermal_zone3/temp", "1\n"),
        ("thermal_zone4/type", "twin\n"),
        ("thermal_zone4/temp", "2\n"),
        ("cooling_device0/type", "Processor\n"),
        ("cooling_device0/temp", "3\n"),
    ]);
    tree.link("../LNXTHERM:00", "thermal_zone0/device");
    tree.link("../LNXTHERM:01", "thermal_zone1/device");
    let mut zones = find(&tree);
    let expected = ["acpitz@LNXTHERM:00", "acpitz@LNXTHERM:01", "soc"];
    assert_eq!(
        identities(&zones),
        expected.map(|zone| format!("thermal/{zone}/temp"))
    );
    assert_eq!(read(&mut zones), [27.8, -5.0, 50.0].map(Ok));
    assert!(zones.iter().all(|zone| zone.channels()[0].unit == "°C"));
    tree.rename("thermal_zone2", "thermal_zone9");
    fs::remove_file(tree.path("thermal_zone1/temp")).unwrap();
    tree.write("thermal_zone9/temp", "51000\n");
    read_until(&mut zones, &[Ok(27.8), MISSING, Ok(51.0)]);
}
