//! The network of the check at start: the bytes that the writer of models writes.

use bellwether::Model;
use bellwether::model::{Activation, Head, Order, Scale};
use bellwether_conformance::network::{blob, layer};
use bellwether_sim::model::{Blob, NamedFeature};

const COMMITTED: &[u8] = include_bytes!("../../core/src/selfcheck/model.bwm");

/// Twelve inputs, nine values between in tiles, five outputs in rows: blocks of four, and what fills none.
fn network() -> Blob {
    let mut hidden = layer(12, 9);
    (hidden.activation, hidden.low, hidden.order) = (Activation::Relu, 3, Order::Tiles);
    let name = |k: usize| NamedFeature {
        name: char::from(b'a' + k as u8).to_string(),
        unit: String::new(),
    };
    let scale = Scale {
        offset: 0.0,
        divisor: 1.0,
        mean: 0.0,
    };
    Blob {
        head: Head::Outputs,
        features: (0..3).map(name).collect(),
        scales: vec![scale; 3],
        window: 4,
        layers: vec![hidden.into(), layer(9, 5).into()],
        thresholds: Vec::new(),
        saturation_limit: None,
        ..blob()
    }
}

/// Broken by a change of the format that leaves the check's network behind; `SELFCHECK=write` writes it anew.
#[test]
fn the_network_of_the_check_is_what_its_description_says() {
    let bytes = network().to_bytes().expect("a model");
    if std::env::var_os("SELFCHECK").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../core/src/selfcheck/model.bwm"
        );
        std::fs::write(path, &bytes).expect("written");
        println!("{} bytes", bytes.len());
        return;
    }
    assert_eq!(bytes, COMMITTED);
    let committed = bellwether_sim::model::Stored::new(COMMITTED);
    assert!(Model::parse(committed.bytes()).is_ok());
}
