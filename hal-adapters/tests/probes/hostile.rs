//! Files that lie: all of the sources have the same answers to them.

use super::*;
use bellwether_hal::linux::{edac, hwmon, powercap, thermal};

/// All sources of numbers over one tree, a channel each.
fn find(tree: &Tree) -> Vec<Box<dyn Probe>> {
    let mut probes = Vec::new();
    let extent = hwmon::Extent::Values;
    probes.extend(hwmon::probes(&tree.path("hwmon"), &all(), extent, &files()).unwrap());
    probes.extend(thermal::probes(&tree.path("thermal"), &all(), &files()).unwrap());
    probes.extend(powercap::probes(&tree.path("powercap"), &all(), &files()).unwrap());
    probes.extend(edac::probes(&tree.path("edac"), &all(), &files()).unwrap());
    probes
}

const VALUES: [&str; 4] = [
    "hwmon/hwmon0/temp1_input",
    "thermal/thermal_zone0/temp",
    "powercap/x:0/energy_uj",
    "edac/mc0/ce_count",
];

fn machine() -> Tree {
    let tree = Tree::new(&[
        ("hwmon/hwmon0/name", "chip\n"),
        ("thermal/thermal_zone0/type", "zone\n"),
        ("powercap/x:0/name", "package\n"),
    ]);
    for path in VALUES {
        tree.write(path, "0\n");
    }
    tree
}

/// Broken by a panic, by a value out of nonsense, or if a file that is sound again stays absent.
#[test]
fn nonsense_is_absent_until_it_is_over() {
    let tree = machine();
    let mut probes = find(&tree);
    assert_eq!(read(&mut probes), [Ok(0.0); 4]);
    let huge = vec![b'1'; 1 << 20];
    let texts: [(&[u8], Raw); 9] = [
        (b"", MISSING),
        (b" \n", MISSING),
        (b"nan\n", BROKEN),
        (b"inf\n", BROKEN),
        (b"1e9\n", BROKEN),
        (b"\xFF\xFE\x00", BROKEN),
        (b"12 34\n", BROKEN),
        (b"99999999999999999999999999999999999999999999\n", BROKEN),
        (&huge, BROKEN),
    ];
    for (text, expected) in texts {
        for path in VALUES {
            tree.write(path, text);
        }
        assert_eq!(read(&mut probes), [expected; 4], "{:?}", text.get(..9));
    }
    for path in VALUES {
        tree.write(path, "0\n");
    }
    assert_eq!(read(&mut probes), [Ok(0.0); 4]);
}

/// Broken if a folder or a loop in place of a file is more than an absent value.
#[test]
fn folders_and_loops_are_no_files() {
    let tree = machine();
    let mut probes = find(&tree);
    read(&mut probes);
    for path in VALUES {
        fs::remove_file(tree.path(path)).unwrap();
        fs::create_dir(tree.path(path)).unwrap();
    }
    read_until(&mut probes, &[BROKEN; 4]);
    for path in VALUES {
        fs::remove_dir(tree.path(path)).unwrap();
        tree.link("loop", path);
        tree.link(
            path.rsplit('/').next().unwrap(),
            &format!("{}/loop", path.rsplit_once('/').unwrap().0),
        );
    }
    read_until(&mut probes, &[BROKEN; 4]);
    for path in VALUES {
        fs::remove_file(tree.path(path)).unwrap();
        tree.write(path, "0\n");
    }
    read_until(&mut probes, &[Ok(0.0); 4]);
}

/// Broken if names that lie are a panic, or a chip without a sound name is read.
#[test]
fn names_may_lie() {
    let tree = machine();
    let cases: [&[u8]; 4] = [b"", b"\n", b"\xFF\xFE", &[b'x'; 5000]];
    for name in cases {
        for path in [
            "hwmon/hwmon0/name",
            "thermal/thermal_zone0/type",
            "powercap/x:0/name",
        ] {
            tree.write(path, name);
        }
        let found = find(&tree);
        let names = identities(&found);
        // Of a long name the first part.
        assert_eq!(
            names.len(),
            if name.len() > 100 { 4 } else { 1 },
            "{names:?}"
        );
        assert!(names.iter().all(|name| name.len() < 400));
    }
    let odd = [
        "hwmon1",
        "thermal_zone",
        "thermal_zoneX",
        "x:",
        ":",
        "x:0:",
        "mc",
        "mc-1",
        "mc99999999999999999999",
    ];
    for name in odd {
        for source in ["hwmon", "thermal", "powercap", "edac"] {
            tree.write(&format!("{source}/{name}"), "file");
            tree.link("nowhere", &format!("{source}/{name}_link"));
        }
    }
    let mut found = find(&tree);
    read(&mut found);
    assert_eq!(found.len(), 4);
}
