//! Passwords, certificates and the files that hold them.

use crate::broker::{self, Broker, program, secret};
use crate::{event, open, settings};
use bellwether_agent::outputs::mqtt;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

/// Broken if a wrong password loses events or stops the agent, or a corrected file needs a restart.
#[test]
fn a_wrong_password_loses_nothing_and_can_be_corrected() {
    let folder = TempDir::new().expect("folder");
    let Some(tool) = program("mosquitto_passwd") else {
        return;
    };
    let users = folder.path().join("users");
    let made = Command::new(tool)
        .args(["-b", "-c"])
        .arg(&users)
        .args(["agent", "right"])
        .status();
    assert!(made.expect("mosquitto_passwd").success());
    for version in ["3.1.1", "5"] {
        let lines = format!("allow_anonymous false\npassword_file {}", users.display());
        let Some(mut broker) = Broker::new(&lines) else {
            return;
        };
        broker.start();
        let password = folder.path().join("password");
        secret(&password, "wrong\n");
        let lines = format!("version = {version:?}\nuser = 'agent'\npassword_file = {password:?}");
        let queue = TempDir::new().expect("folder");
        let mut sink = open(broker.port, queue.path(), &lines);
        sink.tell(&event(1)).expect("told");
        let options = ["-u", "agent", "-P", "right"];
        let Some(listener) = broker.listen("#", &options) else {
            return;
        };
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        assert_eq!(sink.counts().waiting.load(Ordering::Relaxed), 1);
        assert!(listener.arrived().is_empty());
        secret(&password, "right\n");
        listener.wait("event", |message| message.topic.contains("/events/"));
        broker::wait("confirmed", || {
            sink.counts().waiting.load(Ordering::Relaxed) == 0
        });
    }
}

/// Broken if secrets that others can read are used, or values out of range.
#[test]
fn bad_settings_are_refused_with_their_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().expect("folder");
    let readable = folder.path().join("readable");
    fs::write(&readable, "word").expect("write");
    fs::set_permissions(&readable, fs::Permissions::from_mode(0o644)).expect("mode");
    let missing = folder.path().join("missing");
    for (lines, key) in [
        (format!("user = 'u'\npassword_file = {readable:?}"), "0644"),
        (
            format!("user = 'u'\npassword_file = {missing:?}"),
            "password_file",
        ),
        ("password_file = '/dev/null'".into(), "password_file"),
        (format!("tls = {{ ca = {readable:?} }}"), "tls"),
        (format!("tls = {{ ca = {missing:?} }}"), "tls"),
        ("data_qos = 2".into(), "data_qos"),
        ("keep_alive_s = 0".into(), "keep_alive_s"),
        ("retry_max_s = 0".into(), "retry_max_s"),
        ("queue_bytes = 1000".into(), "queue_bytes"),
        ("prefix = 'a/+/b'".into(), "prefix"),
        ("host = ''".into(), "host"),
        ("host = 'a b'".into(), "host"),
    ] {
        let settings = settings(1, folder.path(), &lines);
        let Err(refused) = mqtt::open(&settings, "n1") else {
            panic!("{lines} is taken");
        };
        assert!(format!("{refused:#}").contains(key), "{lines}: {refused:#}");
    }
    for lines in [
        "host = 'h'\nqos = 1",
        "host = 'h'\nversion = '4'",
        "host = 'h'\nport = 70000",
        "",
    ] {
        toml::from_str::<mqtt::Settings>(lines).expect_err(lines);
    }
}

struct Pki {
    authority: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Pki {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "site");
        let key = KeyPair::generate().expect("key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("certificate");
        let folder = TempDir::new().expect("folder");
        fs::write(folder.path().join("ca.pem"), authority.pem()).expect("write");
        Self { authority, folder }
    }

    /// Makes `name.pem` and `name.key` for a host.
    fn issue(&self, name: &str) -> &Self {
        let key = KeyPair::generate().expect("key");
        let mut params = CertificateParams::new(["localhost".to_owned()]).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params
            .signed_by(&key, &self.authority)
            .expect("certificate");
        fs::write(self.path(&format!("{name}.pem")), certificate.pem()).expect("write");
        secret(&self.path(&format!("{name}.key")), &key.serialize_pem());
        self
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

fn lines(ca: &Path, cert: &Path, key: &Path) -> String {
    format!("host = 'localhost'\n[tls]\nca = {ca:?}\ncert = {cert:?}\nkey = {key:?}")
}

/// Broken if TLS does not work with a site's own authority, a stranger's authority is trusted, or the agent's
/// certificate is not shown.
#[test]
fn tls_checks_both_sides() {
    let (site, stranger) = (Pki::new(), Pki::new());
    site.issue("server").issue("agent");
    stranger.issue("agent");
    let config = format!(
        "cafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true",
        site.path("ca.pem").display(),
        site.path("server.pem").display(),
        site.path("server.key").display()
    );
    let Some(mut broker) = Broker::new(&config) else {
        return;
    };
    broker.start();
    let (ca, cert, key) = (
        site.path("ca.pem"),
        site.path("agent.pem"),
        site.path("agent.key"),
    );
    let text = |path: &Path| path.to_str().expect("a path").to_owned();
    let options = [
        "--cafile",
        &text(&ca),
        "--cert",
        &text(&cert),
        "--key",
        &text(&key),
    ];
    let Some(listener) = broker.listen("#", &options) else {
        return;
    };
    let (queue, other, third) = (TempDir::new(), TempDir::new(), TempDir::new());
    let (queue, other, third) = (
        queue.expect("folder"),
        other.expect("folder"),
        third.expect("folder"),
    );
    let wrong_ca = lines(&stranger.path("ca.pem"), &cert, &key);
    let mut untrusting = open(broker.port, other.path(), &wrong_ca);
    untrusting.tell(&event(1)).expect("told");
    let wrong_cert = lines(
        &ca,
        &stranger.path("agent.pem"),
        &stranger.path("agent.key"),
    );
    let mut untrusted = open(broker.port, third.path(), &wrong_cert);
    untrusted.tell(&event(2)).expect("told");
    let mut sink = open(broker.port, queue.path(), &lines(&ca, &cert, &key));
    sink.tell(&event(3)).expect("told");
    listener.wait("event", |message| message.payload.contains("\"id\":3,"));
    broker::wait("confirmed", || {
        sink.counts().waiting.load(Ordering::Relaxed) == 0
    });
    assert_eq!(untrusting.counts().waiting.load(Ordering::Relaxed), 1);
    assert_eq!(untrusted.counts().waiting.load(Ordering::Relaxed), 1);
    assert_eq!(listener.numbers().len(), 1);
}

/// Broken if a private key that others can read is used, or half a pair.
#[test]
fn a_key_is_secret_and_has_its_certificate() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Pki::new();
    site.issue("agent");
    let (ca, cert, key) = (
        site.path("ca.pem"),
        site.path("agent.pem"),
        site.path("agent.key"),
    );
    let folder = TempDir::new().expect("folder");
    let half = format!("[tls]\nca = {ca:?}\ncert = {cert:?}");
    let Err(refused) = mqtt::open(&settings(1, folder.path(), &half), "n1") else {
        panic!("half a pair is taken");
    };
    assert!(format!("{refused:#}").contains("`key`"), "{refused:#}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("mode");
    let Err(refused) = mqtt::open(&settings(1, folder.path(), &lines(&ca, &cert, &key)), "n1")
    else {
        panic!("a readable key is taken");
    };
    assert!(format!("{refused:#}").contains("0640"), "{refused:#}");
}
