//! Importers against the frameworks that wrote the files: small committed networks, made by
//! `tests/oracle/generate.py tests/golden/import --vectors 3`. `cargo verify oracle` makes others.

use bellwether_conformance::oracle;
use std::path::Path;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/import");

#[test]
fn every_committed_network_gives_its_frameworks_outputs() {
    let mut wrong = 0;
    for network in oracle::networks(Path::new(GOLDEN)).unwrap() {
        let name = network.file_name().unwrap_or_default().display();
        match oracle::compare(&network) {
            Ok(distance) => println!("{name}: {:.1e}", distance.largest),
            Err(error) => {
                println!("{error:#}");
                wrong += 1;
            }
        }
    }
    assert_eq!(wrong, 0);
}
