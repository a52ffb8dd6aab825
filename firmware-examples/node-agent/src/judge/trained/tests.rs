use super::*;
use crate::event::{Event, Phase};
use crate::judge::{Context, Settings};
use crate::status::Status;
use bellwether::Reading;
use bellwether::wire::checksum;
use bellwether_hal::linux::probe::Measure;
use ed25519_dalek::{Signer as _, SigningKey};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// A motor's temperature and power, which rise and fall together; 2 of 3 confirm.
const PUMP: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../core/examples/pump.bwm"
));

fn channels(names: &[&str]) -> Vec<Channel> {
    let channel = |name: &&str| Channel {
        identity: (*name).to_owned(),
        chip: String::new(),
        sensor: String::new(),
        unit: "°C",
        measure: Measure::Gauge,
    };
    names.iter().map(channel).collect()
}

/// The model, signed as `docs/formats/model-blob.md` says.
fn signed(key: &SigningKey) -> Vec<u8> {
    let mut bytes = PUMP[..PUMP.len() - 4].to_vec();
    let total = bytes.len() as u32 + 64 + 4;
    bytes[8..12].copy_from_slice(&total.to_le_bytes());
    bytes[25] = 1;
    let signature = key.sign(&bytes);
    bytes.extend(signature.to_bytes());
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

fn error(result: anyhow::Result<(Trained, String)>) -> String {
    format!("{:#}", result.err().expect("refused"))
}

/// Broken if columns were taken by place instead of name, or the alarm had no start, variables or end.
#[test]
fn a_model_is_judged_beside_the_groups() {
    let channels = channels(&["other", "power", "motor"]);
    let settings = Settings {
        frame_s: 1,
        watchers: false,
        ..Settings::default()
    };
    let mut judge = Judge::new("n", &channels, &settings, None).expect("good");
    let (trained, line) = Trained::new(PUMP, None, &channels).expect("good");
    assert_eq!(line, "2 of 2 columns are here");
    judge.set_trained(Some(trained));
    let mut told: Vec<Event> = Vec::new();
    let mut take = |second: u64, motor: f32| {
        let readings = [7.0, 91.5, motor].map(Reading::from);
        judge.take(
            1_000_000 + second * 1000,
            &readings,
            &Context::default(),
            &mut told,
        );
        std::mem::take(&mut told)
    };
    let quiet = (0..10).flat_map(|second| take(second, 40.5)).count();
    assert_eq!(quiet, 0);
    let begun: Vec<Event> = (10..20).flat_map(|second| take(second, 42.5)).collect();
    assert_eq!(
        (begun[0].phase, begun[0].kind, begun[0].group.as_str()),
        (Phase::Start, Kind::Anomaly, "model")
    );
    let named: Vec<&str> = begun[0]
        .variables
        .iter()
        .map(|of| of.channel.as_str())
        .collect();
    // The model's answer is saturated, so that both of its columns are off; the other channel is none of them.
    assert!(named.contains(&"motor"), "{:?}", begun[0]);
    assert!(!named.contains(&"other"), "{:?}", begun[0]);
    assert!(begun[0].score > begun[0].threshold, "{:?}", begun[0]);
    let ended: Vec<Event> = (20..40).flat_map(|second| take(second, 40.5)).collect();
    assert_eq!(
        ended.iter().map(|event| event.phase).collect::<Vec<_>>(),
        [Phase::Clear]
    );
    let mut status = Status::default();
    judge.status(&mut status);
    assert_eq!(
        status
            .groups
            .last()
            .map(|group| (group.name.as_str(), group.variables)),
        Some(("model", 2))
    );
}

/// Broken if a model of a stranger, or an unsigned one, passed a key, or a true one did not.
#[test]
fn with_a_key_only_its_holders_models_are_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let holder = SigningKey::from_bytes(&[7; 32]);
    let pem = |key: &SigningKey| {
        let bytes = [&PREFIX[..], key.verifying_key().as_bytes()].concat();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(bytes)
        )
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("allowed");
        path
    };
    let channels = channels(&["motor", "power"]);
    let (key, model) = (
        write("key.pub", pem(&holder).as_bytes()),
        write("n.bwm", &signed(&holder)),
    );
    assert!(Trained::load(&model, Some(&key), &channels).is_ok());
    let plain = write("plain.bwm", PUMP);
    assert!(Trained::load(&plain, None, &channels).is_ok());
    assert!(error(Trained::load(&plain, Some(&key), &channels)).contains("plain.bwm"));
    let stranger = write("stranger.bwm", &signed(&SigningKey::from_bytes(&[8; 32])));
    assert!(error(Trained::load(&stranger, Some(&key), &channels)).contains("stranger.bwm"));
    for junk in [
        &b""[..],
        b"\xff\xfe",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ] {
        let bad = write("bad.pub", junk);
        assert!(error(Trained::load(&model, Some(&bad), &channels)).contains("no public key"));
    }
    fs::set_permissions(&model, fs::Permissions::from_mode(0o666)).expect("allowed");
    assert!(error(Trained::load(&model, None, &channels)).contains("chmod go-w"));
    assert!(
        error(Trained::load(&folder.path().join("gone"), None, &channels)).contains("no such file")
    );
}

/// Broken if a damaged or cut model were judged, or one whose columns are elsewhere.
#[test]
fn damaged_and_foreign_models_are_refused() {
    let here = channels(&["motor", "power"]);
    for at in 0..PUMP.len() {
        let mut damaged = PUMP.to_vec();
        damaged[at] ^= 0x10;
        assert!(Trained::new(&damaged, None, &here).is_err(), "byte {at}");
        assert!(
            Trained::new(&PUMP[..at], None, &here).is_err(),
            "cut at {at}"
        );
    }
    let half = Trained::new(PUMP, None, &channels(&["power"])).expect("half of it");
    assert_eq!(half.1, "1 of 2 columns are here; missing: motor");
    assert!(error(Trained::new(PUMP, None, &channels(&["x"]))).contains("missing: motor, power"));
}
