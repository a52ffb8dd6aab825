use super::*;
use bellwether_hal::linux::hwmon::{Extent, probes};
use bellwether_hal::linux::probe::Measure;

const CHIP: [(&str, &str); 9] = [
    ("hwmon3/name", "k10temp\n"),
    ("hwmon3/temp1_input", "41250\n"),
    ("hwmon3/temp1_label", "Tctl\n"),
    ("hwmon3/temp1_crit_alarm", "1\n"),
    ("hwmon3/fan1_input", "1200\n"),
    ("hwmon3/humidity1_input", "45500\n"),
    ("hwmon3/energy1_input", "7000000\n"),
    ("hwmon3/power1_average", "90250000\n"),
    ("hwmon3/intrusion0_alarm", "0\n"),
];

fn find(tree: &Tree) -> Vec<Box<dyn Probe>> {
    probes(tree.root(), &all(), Extent::Values, &files()).unwrap()
}

/// Broken if a unit or a divisor is another's, if an alarm is read unasked, or a label does not join with
/// node_exporter's.
#[test]
fn every_value_has_its_unit_and_labels() {
    let tree = Tree::new(&CHIP);
    let device = "devices/pci0000:00/0000:00:18.3";
    fs::create_dir_all(tree.path(device)).unwrap();
    tree.link(&format!("../{device}"), "hwmon3/device");
    let mut chips = find(&tree);
    let key = "0000:00:18.3/k10temp";
    let stems = ["energy1", "fan1", "humidity1", "power1", "temp1:Tctl"];
    assert_eq!(
        identities(&chips),
        stems.map(|stem| format!("{key}/{stem}"))
    );
    assert_eq!(chips[0].name(), format!("hwmon/{key}"));
    let channels = chips[0].channels();
    assert!(channels.iter().all(|c| c.chip == "pci0000:00_0000:00:18_3"));
    assert_eq!(channels[4].sensor, "temp1");
    let units: Vec<_> = channels.iter().map(|c| c.unit).collect();
    assert_eq!(units, ["W", "rpm", "%", "W", "°C"]);
    assert_eq!(channels[0].measure, Measure::Counter);
    assert!(channels[1..].iter().all(|c| c.measure == Measure::Gauge));
    assert_eq!(read(&mut chips), [7.0, 1200.0, 45.5, 90.25, 41.25].map(Ok));

    let mut chips = probes(tree.root(), &all(), Extent::Alarms, &files()).unwrap();
    let alarms = ["intrusion0_alarm", "temp1_crit_alarm:Tctl"];
    for (alarm, value) in alarms.iter().zip([0.0, 1.0]) {
        let name = format!("{key}/{alarm}");
        let place = identities(&chips).iter().position(|i| **i == name);
        assert_eq!(read(&mut chips)[place.unwrap()], Ok(value));
    }
}

/// Broken if a chip without a device has no label of its own, or its number for one while it has a name.
#[test]
fn chip_without_a_device_is_called_by_its_name() {
    let files = [("hwmon0/name", "Virt-Chip\n"), ("hwmon0/in0_input", "1\n")];
    let tree = Tree::new(&files);
    let chips = find(&tree);
    assert_eq!(identities(&chips), ["Virt-Chip/in0"]);
    assert_eq!(chips[0].channels()[0].chip, "virt_chip");
}

/// Broken if a value is believed although its chip says that the sensor is broken.
#[test]
fn faults_are_honoured() {
    let mut tree = CHIP.to_vec();
    tree.extend([("hwmon3/temp1_fault", "0\n"), ("hwmon3/fan1_fault", "1\n")]);
    let tree = Tree::new(&tree);
    let mut chips = find(&tree);
    let fan = 1;
    let temperature = 4;
    let values = read(&mut chips);
    assert_eq!((values[fan], values[temperature]), (BROKEN, Ok(41.25)));
    tree.write("hwmon3/fan1_fault", "0\n");
    tree.write("hwmon3/temp1_fault", "?\n");
    let values = read(&mut chips);
    assert_eq!((values[fan], values[temperature]), (Ok(1200.0), BROKEN));
}

/// Broken if a file that is kept open is read where another has its path, or if a chip is not found again.
#[test]
fn chip_is_found_again_and_never_taken_for_another() {
    let chip = |number: u32, name: &str, value: &str| {
        [
            (format!("hwmon{number}/name"), name.to_owned()),
            (format!("hwmon{number}/temp1_input"), value.to_owned()),
        ]
    };
    let tree = Tree::new(&[]);
    for (path, text) in chip(0, "a", "1000").iter().chain(&chip(1, "b", "2000")) {
        tree.write(path, text);
    }
    let mut chips = find(&tree);
    assert_eq!(identities(&chips), ["a/temp1", "b/temp1"]);
    assert_eq!(read(&mut chips), [Ok(1.0), Ok(2.0)]);
    // They change their numbers, and then their values.
    tree.rename("hwmon0", "away");
    tree.rename("hwmon1", "hwmon0");
    tree.rename("away", "hwmon1");
    tree.write("hwmon0/temp1_input", "2500");
    tree.write("hwmon1/temp1_input", "1500");
    read_until(&mut chips, &[Ok(1.5), Ok(2.5)]);
    // One is gone; another one has its number.
    fs::remove_dir_all(tree.path("hwmon1")).unwrap();
    for (path, text) in chip(1, "c", "9000") {
        tree.write(&path, text);
    }
    read_until(&mut chips, &[MISSING, Ok(2.5)]);
    // It returns under a third number, once as itself and once as two.
    for (path, text) in chip(7, "a", "3000").iter().chain(&chip(8, "a", "4000")) {
        tree.write(path, text);
    }
    for _ in 0..30 {
        assert_eq!(read(&mut chips)[0], MISSING);
    }
    fs::remove_dir_all(tree.path("hwmon8")).unwrap();
    read_until(&mut chips, &[Ok(3.0), Ok(2.5)]);
}

/// Broken if the value of a sensor that is called otherwise now is taken for that of the old one.
#[test]
fn sensor_of_another_label_is_missing() {
    let tree = Tree::new(&CHIP);
    let mut chips = find(&tree);
    assert_eq!(read(&mut chips)[4], Ok(41.25));
    tree.rename("hwmon3", "hwmon4");
    tree.write("hwmon4/temp1_label", "Tdie\n");
    read_until(
        &mut chips,
        &[7.0, 1200.0, 45.5, 90.25]
            .map(Ok)
            .into_iter()
            .chain([MISSING])
            .collect::<Vec<_>>(),
    );
}

/// Broken if a file that was replaced is read as it was for ever.
#[test]
fn file_that_is_replaced_is_read_anew() {
    let tree = Tree::new(&CHIP);
    let mut chips = find(&tree);
    read(&mut chips);
    tree.write("new", "55000\n");
    tree.rename("new", "hwmon3/temp1_input");
    let values: Vec<_> = (0..11).map(|_| read(&mut chips)[4]).collect();
    assert_eq!(values.last(), Some(&Ok(55.0)), "{values:?}");
}

/// Broken if files beyond the bound are kept or not read, or if those of a chip that is gone still count.
#[test]
fn files_beyond_the_bound_are_read_and_not_kept() {
    let tree = Tree::new(&CHIP);
    let bound = Files::keeping(3);
    let mut chips = probes(tree.root(), &all(), Extent::Values, &bound).unwrap();
    assert_eq!(bound.left(), 3);
    for _ in 0..3 {
        assert_eq!(read(&mut chips), [7.0, 1200.0, 45.5, 90.25, 41.25].map(Ok));
        assert_eq!(bound.left(), 0);
    }
    fs::remove_dir_all(tree.path("hwmon3")).unwrap();
    read_until(&mut chips, &[MISSING; 5]);
    assert_eq!(bound.left(), 3);
}

/// Broken if a denied sensor is opened.
#[test]
fn selection_is_by_parts_of_identities() {
    let tree = Tree::new(&CHIP);
    let selection = Selection {
        allow: vec!["k10temp".into()],
        deny: vec!["/fan".into(), "/power".into(), "/energy".into()],
    };
    let chips = probes(tree.root(), &selection, Extent::Values, &files()).unwrap();
    assert_eq!(
        identities(&chips),
        ["k10temp/humidity1", "k10temp/temp1:Tctl"]
    );
    let nothing = Selection {
        allow: vec!["none".into()],
        ..all()
    };
    assert!(
        probes(tree.root(), &nothing, Extent::Values, &files())
            .unwrap()
            .is_empty()
    );
    assert!(probes(&tree.path("none"), &all(), Extent::Values, &files()).is_err());
}
