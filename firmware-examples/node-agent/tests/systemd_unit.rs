//! The systemd unit, by systemd's own checks. They need no running systemd.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

const UNIT: &str = "bellwether-agent.service";

/// A root with the unit, the programs it names and the distribution's own units; `None` without systemd.
fn root() -> Option<tempfile::TempDir> {
    let units = Path::new("/usr/lib/systemd/system");
    let path = env::var_os("PATH").unwrap_or_default();
    let program = env::split_paths(&path).any(|folder| folder.join("systemd-analyze").is_file());
    if !program || !units.is_dir() {
        println!("skipped: no systemd-analyze");
        return None;
    }
    let root = tempfile::TempDir::new().expect("folder");
    let at = |path: &str| root.path().join(path);
    for folder in ["usr/bin", "usr/lib/systemd/system", "etc/systemd/system"] {
        fs::create_dir_all(at(folder)).expect("folder");
    }
    symlink("usr/bin", at("bin")).expect("link");
    symlink("usr/lib", at("lib")).expect("link");
    for program in ["usr/bin/bellwether-agent", "usr/bin/kill"] {
        fs::write(at(program), "#!/bin/sh\n").expect("program");
        fs::set_permissions(at(program), fs::Permissions::from_mode(0o755)).expect("mode");
    }
    for entry in fs::read_dir(units).expect("units").map_while(Result::ok) {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = fs::copy(
                entry.path(),
                at("usr/lib/systemd/system").join(entry.file_name()),
            );
        }
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("dist/systemd")
        .join(UNIT);
    fs::copy(own, at("etc/systemd/system").join(UNIT)).expect("the unit");
    Some(root)
}

fn analyze(root: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new("systemd-analyze");
    command
        .args(arguments)
        .arg(format!("--root={}", root.display()))
        .arg(UNIT);
    let output = command.output().expect("systemd-analyze");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text.into_owned())
}

/// Broken by a key or value that systemd does not know.
#[test]
fn systemd_understands_the_unit() {
    let Some(root) = root() else { return };
    let (good, text) = analyze(root.path(), &["verify", "--man=no"]);
    assert!(good && !text.contains(UNIT), "{text}");
}

/// Broken if a change gives the service more rights: its exposure is 1.2 of 10.
#[test]
fn the_service_is_hardly_exposed() {
    let Some(root) = root() else { return };
    let arguments = ["security", "--offline=true", "--threshold=15", "--no-pager"];
    let (good, text) = analyze(root.path(), &arguments);
    assert!(good, "{text}");
}
