use super::*;
use bellwether::Reading;
use bellwether_hal::linux::powercap::probes;
use bellwether_hal::linux::rates::Rates;
use std::time::Duration;

/// Broken by a negative or huge power where the counter starts again, or if two sockets share a name.
#[test]
fn energy_is_a_power_beyond_the_end_of_its_counter() {
    let tree = Tree::new(&[
        ("intel-rapl:0/name", "package-0\n"),
        ("intel-rapl:0/energy_uj", "262143000000\n"),
        ("intel-rapl:0/max_energy_range_uj", "262144000000\n"),
        ("intel-rapl:1/name", "package-1\n"),
        ("intel-rapl:1/energy_uj", "5000000\n"),
        ("intel-rapl:0:0/name", "dram\n"),
        ("intel-rapl:0:0/energy_uj", "1\n"),
        ("intel-rapl:1:0/name", "dram\n"),
        ("intel-rapl:1:0/energy_uj", "1\n"),
        ("intel-rapl:2:0/name", "orphan\n"),
        ("intel-rapl:2:0/energy_uj", "1\n"),
        ("intel-rapl/enabled", "1\n"),
        ("dtpm:0/name", "no energy\n"),
    ]);
    let mut zones = probes(tree.root(), &all(), &files()).unwrap();
    let names = ["package-0", "package-0/dram", "package-1", "package-1/dram"];
    assert_eq!(
        identities(&zones),
        names.map(|name| format!("powercap/intel-rapl/{name}/energy"))
    );
    let channels: Vec<_> = zones
        .iter()
        .map(|zone| zone.channels()[0].clone())
        .collect();
    assert!(channels.iter().all(|channel| channel.unit == "W"));
    let mut rates = Rates::new(&channels);
    let mut into = [Reading::Value(-1.0); 4];
    let mut watts = |at, raw: &[Raw]| {
        rates.take(Duration::from_secs(at), raw, &mut into);
        into
    };
    assert!(
        watts(0, &read(&mut zones))
            .iter()
            .all(|r| r.usable().is_err())
    );
    tree.write("intel-rapl:0/energy_uj", "149000000\n");
    tree.write("intel-rapl:1/energy_uj", "305000000\n");
    let values = watts(1, &read(&mut zones));
    assert_eq!(values[0], Reading::Value(150.0));
    assert_eq!(values[2], Reading::Value(300.0));
    // A reset of the one without a known end: no power, and then the right one.
    tree.write("intel-rapl:1/energy_uj", "1000000\n");
    let values = watts(2, &read(&mut zones));
    assert_eq!(values[2], Reading::Value(0.0));
    tree.write("intel-rapl:1/energy_uj", "-1\n");
    assert_eq!(read(&mut zones)[2], BROKEN);
    tree.write("intel-rapl:1/energy_uj", "121000000\n");
    let values = watts(4, &read(&mut zones));
    assert_eq!(values[2], Reading::Value(60.0));
}
