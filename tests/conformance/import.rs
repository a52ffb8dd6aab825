//! Importers against the frameworks that wrote the files: small committed networks, made by
//! `tests/oracle/generate.py tests/golden/import --vectors 3`. `cargo verify oracle` makes others.

use bellwether::Model;
use bellwether::model::Head;
use bellwether::network::{Activations, Network};
use bellwether_conformance::{data, oracle};
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::{Blob, Judging, Stored, import, tflite};
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

/// Broken by any other rounding of a table, by a dead or large factor that is refused or wrong, and by a
/// zero point of uint8 that is not shifted. Made by `tests/oracle/integer_nets.py tests/golden/integers`.
#[test]
fn networks_of_int8_give_the_bytes_of_litert() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/integers");
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "tflite") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        assert!(tflite::is_integer(&bytes).unwrap(), "{}", path.display());
        let network = tflite::read(&bytes).unwrap();
        assert!(!network.mixed, "{}", path.display());
        let blob = Blob {
            rounding: network.rounding,
            head: Head::Outputs,
            features: Variables::numbered(network.inputs).features,
            scales: Vec::new(),
            window: 1,
            input: network.input,
            layers: network.layers,
            thresholds: Vec::new(),
            saturation_limit: None,
            training: None,
            judging: Judging::default(),
        };
        let stored = Stored::new(&blob.to_bytes().unwrap());
        let model = Model::parse(stored.bytes()).unwrap();
        let runner = Network::<4096>::new(model).unwrap();
        // Bytes of uint8 are those of int8 with the upper bit turned.
        let turned = if path.ends_with("bytes_at_the_ends.tflite") {
            0x80
        } else {
            0
        };
        let signed = |kind: &str| -> Vec<i16> {
            let bytes = fs::read(path.with_extension(kind)).unwrap();
            let each = bytes
                .iter()
                .map(|byte| i16::from((byte ^ turned).cast_signed()));
            each.collect()
        };
        let (inputs, wanted) = (signed("inputs"), signed("outputs"));
        let mut activations = Activations::<4096>::new();
        let mut ours = Vec::new();
        for x in inputs.chunks(network.inputs) {
            activations.inputs()[..x.len()].copy_from_slice(x);
            ours.extend_from_slice(runner.run(&mut activations));
        }
        assert_eq!(ours, wanted, "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 13);
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
