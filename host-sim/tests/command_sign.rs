//! Keys and signatures as a shell sees them.

use bellwether_sim::model::key;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

fn bellwether(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .arg("model")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn done(arguments: &[&str], folder: &Path) -> String {
    let output = bellwether(arguments, folder);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
    text(&output.stdout).to_owned()
}

fn refused(arguments: &[&str], folder: &Path, reason: &str) {
    let output = bellwether(arguments, folder);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
    assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
}

/// The model of `docs/formats/model-blob.md`.
fn model() -> Vec<u8> {
    let document = include_str!("../../docs/formats/model-blob.md");
    let example = document.split("```hex\n").nth(1).unwrap();
    let lines = example.lines().take_while(|line| *line != "```");
    let digits = lines.flat_map(|line| line.split('#').next().unwrap().split_whitespace());
    digits
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

#[test]
fn keys_are_new_files_that_only_their_owner_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let printed = done(&["keygen", "-o", "k"], folder.path());
    let mode = fs::metadata(path("k")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let public = key::read_public(&path("k.pub")).unwrap();
    let digits: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(printed, format!("{digits}\n"));
    let private = key::read_private(&path("k")).unwrap();
    assert_eq!(private.verifying_key().to_bytes(), public);
    // Another key each time.
    assert_ne!(done(&["keygen", "-o", "other"], folder.path()), printed);
    let before = [
        fs::read(path("k")).unwrap(),
        fs::read(path("k.pub")).unwrap(),
    ];
    refused(&["keygen", "-o", "k"], folder.path(), "k: exists");
    fs::write(path("half.pub"), "mine").unwrap();
    refused(&["keygen", "-o", "half"], folder.path(), "half.pub: exists");
    assert!(!path("half").exists());
    let after = [
        fs::read(path("k")).unwrap(),
        fs::read(path("k.pub")).unwrap(),
    ];
    assert_eq!(before, after);
}

/// Both files as OpenSSL 3 wrote them for the secret key of RFC 8032, section 7.1, test 1.
#[test]
fn keys_of_openssl_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("k"), PRIVATE).unwrap();
    fs::write(path("k.pub"), PUBLIC).unwrap();
    let private = key::read_private(&path("k")).unwrap();
    assert_eq!(private.to_bytes()[..4], [0x9d, 0x61, 0xb1, 0x9d]);
    let public = key::read_public(&path("k.pub")).unwrap();
    assert_eq!(public[..4], [0xd7, 0x5a, 0x98, 0x01]);
    // And written as it writes them.
    let written = key::save(&private, &path("again")).unwrap();
    assert_eq!(fs::read_to_string(path("again")).unwrap(), PRIVATE);
    assert_eq!(fs::read_to_string(written).unwrap(), PUBLIC);
}

const PRIVATE: &str = "\
    -----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
const PUBLIC: &str = "\
    -----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
    -----END PUBLIC KEY-----\n";

#[test]
fn what_is_signed_is_shown_and_run_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["k", "other"] {
        done(&["keygen", "-o", name], folder.path());
    }
    fs::write(path("m.bwm"), model()).unwrap();
    fs::write(path("f.f32"), 258_f32.to_le_bytes()).unwrap();
    done(
        &["sign", "m.bwm", "--key", "k", "-o", "s.bwm"],
        folder.path(),
    );
    assert_eq!(fs::read(path("m.bwm")).unwrap(), model());
    let shown = done(&["inspect", "s.bwm", "--key", "k.pub"], folder.path());
    assert!(shown.starts_with("260 bytes, checksum "), "{shown}");
    assert!(
        shown.lines().next().unwrap().ends_with(", signed"),
        "{shown}"
    );
    let run = ["run", "s.bwm", "--input", "f.f32", "--sha256"];
    let plain = ["run", "m.bwm", "--input", "f.f32", "--sha256"];
    let keyed = [&run[..], &["--key", "k.pub"]].concat();
    assert_eq!(done(&keyed, folder.path()), done(&plain, folder.path()));
    let unsigned = "m.bwm: the model is not signed";
    let strange = "s.bwm: the signature is not that of the key";
    refused(
        &[&plain[..], &["--key", "k.pub"]].concat(),
        folder.path(),
        unsigned,
    );
    refused(
        &[&run[..], &["--key", "other.pub"]].concat(),
        folder.path(),
        strange,
    );
    refused(
        &["inspect", "m.bwm", "--key", "k.pub"],
        folder.path(),
        unsigned,
    );
    refused(
        &["inspect", "s.bwm", "--key", "other.pub"],
        folder.path(),
        strange,
    );
    // In place.
    done(&["sign", "m.bwm", "--key", "k"], folder.path());
    assert_eq!(
        fs::read(path("m.bwm")).unwrap(),
        fs::read(path("s.bwm")).unwrap()
    );
    // The wrong half of a key, and no key.
    refused(
        &["sign", "s.bwm", "--key", "k.pub"],
        folder.path(),
        "k.pub: no private key",
    );
    refused(
        &["inspect", "s.bwm", "--key", "k"],
        folder.path(),
        "k: no public key",
    );
    refused(
        &["inspect", "s.bwm", "--key", "m.bwm"],
        folder.path(),
        "m.bwm: ",
    );
    refused(
        &["sign", "f.f32", "--key", "k"],
        folder.path(),
        "f.f32: not a model",
    );
    assert_eq!(fs::read(path("f.f32")).unwrap(), 258_f32.to_le_bytes());
}
