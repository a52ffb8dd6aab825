use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The password `open-sesame`, hashed by `crypt(3)` of libxcrypt.
const USER: &str = "scraper:$2y$04$abcdefghijklmnopqrstuuXcjcm5avyCiJoD2uS24xa2lb6fjMB3G";

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    path
}

fn basic(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(user))
}

fn closed(folder: &Path) -> Gate {
    Gate::new(&Settings {
        token_file: Some(file(folder, "token", "0123456789abcdef\n")),
        users_file: Some(file(folder, "users", &format!("# scrapers\n\n{USER}\n"))),
        ..Settings::default()
    })
    .unwrap()
}

/// Broken if any header opens a closed gate, or the right ones do not.
#[test]
fn only_the_token_and_the_password_pass() {
    let folder = tempfile::tempdir().unwrap();
    let gate = closed(folder.path());
    let admits = |text: &str| gate.admits(Some(text.as_bytes()));
    assert!(admits("Bearer 0123456789abcdef"));
    assert!(admits("bearer  0123456789abcdef "));
    assert!(admits(&basic("scraper:open-sesame")));
    assert!(admits(&basic("scraper:open-sesame")), "the second time too");
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer 0123456789abcde",
        "Bearer 0123456789abcdef0",
        "Basic 0123456789abcdef",
        "Basic !!!!",
        &basic("scraper"),
        &basic("scraper:"),
        &basic("scraper:open-sesame\0"),
        &basic("nobody:open-sesame"),
        &basic(":open-sesame"),
        "Digest username=scraper",
    ] {
        assert!(!admits(wrong), "{wrong}");
    }
    assert!(!gate.admits(None));
    assert!(!gate.admits(Some(b"Bearer \xff\xfe")));
}

/// Broken if a file with a plain password, a weak token or a hash that takes hours is accepted.
#[test]
fn files_that_protect_nothing_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let users = |text: &str| {
        let settings = Settings {
            users_file: Some(file(folder.path(), "users", text)),
            ..Settings::default()
        };
        format!("{:#}", Gate::new(&settings).err().unwrap())
    };
    let dear = USER.replace("$04$", "$31$");
    for text in [
        "",
        "# nobody\n",
        "scraper:open-sesame\n",
        "scraper\n",
        &dear,
    ] {
        let error = users(text);
        assert!(error.starts_with("users_file: "), "{error}");
        assert!(!error.contains("sesame"), "{error}");
    }
    let settings = Settings {
        token_file: Some(file(folder.path(), "token", "short")),
        ..Settings::default()
    };
    assert!(Gate::new(&settings).is_err());
    assert!(Gate::new(&Settings::default()).unwrap().admits(None));
}
