//! Importers against the frameworks that wrote the files: small committed networks, made by
//! `tests/oracle/generate.py tests/golden/import --vectors 3`. `cargo verify oracle` makes others.

use bellwether_conformance::{data, oracle};
use bellwether_sim::model::import;
use std::fs;
use std::path::Path;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/import");

#[test]
fn every_committed_network_gives_its_frameworks_outputs() {
    let mut wrong = Vec::new();
    for network in oracle::networks(Path::new(GOLDEN)).unwrap() {
        if let Err(error) = oracle::compare(&network) {
            wrong.push(format!("{error:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Broken by any other rounding of a table or a sum, by a dead or large factor that is refused or wrong, by
/// a tap of a transposed convolution in another frame, and by a zero point of uint8 that is not shifted. Made
/// by `tests/oracle/integer_nets.py tests/golden/integers`.
#[test]
fn networks_of_integers_give_the_bits_of_litert() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/integers");
    let networks = oracle::networks(&folder).unwrap();
    assert_eq!(networks.len(), 24);
    let mut wrong = Vec::new();
    for network in networks {
        if let Err(error) = oracle::compare_integers(&network) {
            wrong.push(format!("{error:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The published score of the clip by the float network is 9.707108, the mean over its windows of
/// five frames of the mean squared error; LiteRT on another machine gives 9.7070993.
#[test]
fn ad01_in_f32_gives_the_published_score_of_its_clip() {
    let Some(network) = data::file("ad01/ad01_fp32.tflite") else {
        return;
    };
    let clip = data::file("ad01/normal_id_01_00000000_logmel_200x128_f32le.bin").unwrap();
    let bytes = fs::read(clip).unwrap();
    let clip: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect();
    let net = import::read(&network).unwrap().net;
    let windows: Vec<&[f32]> = clip.windows(640).step_by(128).collect();
    let mean = |x: &[f32]| -> f64 {
        let outputs = net.forward(x);
        let errors = outputs.iter().zip(x).map(|(y, x)| f64::from(y - x).powi(2));
        errors.sum::<f64>() / 640.0
    };
    let score = windows.iter().map(|x| mean(x)).sum::<f64>() / windows.len() as f64;
    assert_eq!(windows.len(), 196);
    assert!((score - 9.707_108).abs() < 2e-5, "{score}");
}

/// Broken by any index, sum or allocation that trusts the file.
#[test]
fn no_bytes_make_an_importer_panic() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "tflite_convolution.tflite",
        "keras_convolution.safetensors",
        "keras_convolution.json",
        "keras_gru.json",
    ] {
        let good = Path::new(GOLDEN).join(name);
        let network = folder.path().join(name);
        for kind in ["safetensors", "json"] {
            let beside = good.with_extension(kind);
            if beside.exists() {
                fs::copy(beside, network.with_extension(kind)).unwrap();
            }
        }
        let read = |bytes: &[u8]| {
            fs::write(&network, bytes).unwrap();
            let whole = if name.ends_with(".json") {
                network.with_extension("safetensors")
            } else {
                network.clone()
            };
            import::read(&whole)
        };
        let bytes = fs::read(&good).unwrap();
        assert!(read(&bytes).is_ok(), "{name}");
        // Of the tensors themselves any bytes will do: the structure is what can be damaged.
        for k in 0..bytes.len().min(1500) {
            let _ = read(&bytes[..k]);
            let mut bytes = bytes.clone();
            bytes[k] ^= 1 << (k % 8);
            let _ = read(&bytes);
        }
    }
}
