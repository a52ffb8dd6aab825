use super::*;
use crate::outputs::testing;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

fn settings(text: &str) -> Settings {
    toml::from_str(text).unwrap()
}

/// An address that nobody has at this moment.
fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Asks until an answer contains a text.
fn wait_for(address: SocketAddr, path: &str, text: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = get(address, path);
        if answer.as_ref().is_ok_and(|answer| answer.contains(text)) {
            return;
        }
        assert!(Instant::now() < end, "no {text} in {answer:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Broken if an output that cannot start is left out in silence, or its section is not told.
#[test]
fn an_output_that_cannot_start_is_told_with_its_section() {
    for (section, text) in [
        ("http", "[http]\nlisten = \"0.0.0.0:0\""),
        ("textfile", "[textfile]\npath = \"/nowhere/x.prom\""),
        ("check", "[check]\npath = \"/nowhere/check.json\""),
        ("redfish", "[redfish.webhook]\nurl = \"nonsense\""),
        ("nvsentinel", "[nvsentinel.webhook]\nurl = \"ftp://host\""),
    ] {
        let error = open(&settings(text), "n001").err().unwrap();
        let error = format!("{error:#}");
        assert!(
            error.starts_with(&format!("[outputs.{section}]: ")),
            "{error}"
        );
    }
    for text in [
        "[http]\nport = 1",
        "[http]\nlisten = \"here\"",
        "[http]\nconnections = -1",
        "[textfile]",
        "[redfish]",
        "[redfish]\nwebhook.url = 7",
        "[smoke]",
    ] {
        assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
    }
    assert_eq!(
        open(&Settings::default(), "n001")
            .unwrap()
            .dropped()
            .count(),
        0
    );
}

/// Broken if a webhook that takes and says nothing makes the engine, or another output, wait.
#[cfg(feature = "webhook")]
#[test]
fn a_silent_webhook_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    // Accepts into its backlog, and that is all.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (silent, listen) = (silent.local_addr().map(|at| (at, silent)).unwrap(), free());
    let file = folder.path().join("check.json");
    let text = format!(
        "[http]\nlisten = \"{listen}\"\n[check]\npath = {file:?}\n\
         [redfish.webhook]\nurl = \"http://{}/\"\ntimeout_s = 300\n",
        silent.0
    );
    let outbox = open(&settings(&text), "n001").unwrap();
    // More than the outbox holds.
    for id in 0..1000 {
        let mut event = testing::event();
        event.id = id;
        outbox.tell(&event);
    }
    let mut status = testing::status();
    outbox.show(status.clone());
    wait_for(listen, "/metrics", "bellwether_node_anomaly_ratio 0.25");
    status.anomaly_ratio = 0.75;
    outbox.show(status);
    wait_for(listen, "/metrics", "bellwether_node_anomaly_ratio 0.75");
    let dropped: std::collections::BTreeMap<_, _> = outbox.dropped().collect();
    assert_eq!((dropped["http"], dropped["check"]), (0, 0));
    assert!((700..=745).contains(&dropped["redfish"]), "{dropped:?}");
    outbox.close(Duration::from_millis(300));
    assert!(
        std::fs::read_to_string(file)
            .unwrap()
            .contains("\"anomaly_ratio\":0.75")
    );
    assert!(
        TcpStream::connect(listen).is_err(),
        "the listener has ended"
    );
}

/// Broken if the real Prometheus cannot read a page, does not get past the gate, or finds a rule in error.
#[test]
fn the_real_prometheus_scrapes_the_listener() {
    use std::os::unix::fs::OpenOptionsExt as _;
    let Some(mut prometheus) = testing::program("prometheus") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let token = path("token");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&token)
        .unwrap();
    file.write_all(b"0123456789abcdef").unwrap();
    let (listen, server) = (free(), free());
    let text = format!("[http]\nlisten = \"{listen}\"\ntoken_file = {token:?}\n");
    let outbox = open(&settings(&text), "n001").unwrap();
    let mut status = testing::status();
    status
        .channels
        .push(testing::channel("evil\"} 1\n\\", "\n\n", "\"\0"));
    outbox.show(status);
    let rules = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/dist/prometheus/bellwether.rules.yml"
    );
    let config = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{rules:?}]\n\
         scrape_configs:\n- job_name: bellwether\n  authorization: {{credentials_file: {token:?}}}\n  \
         static_configs: [{{targets: ['{listen}']}}]\n"
    );
    std::fs::write(path("prometheus.yml"), config).unwrap();
    let mut child = prometheus
        .arg(format!(
            "--config.file={}",
            path("prometheus.yml").display()
        ))
        .arg(format!("--storage.tsdb.path={}", path("data").display()))
        .arg(format!("--web.listen-address={server}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let asked = std::panic::catch_unwind(|| {
        let value = "/api/v1/query?query=bellwether_expected_value%7Bsensor%3D%22temp1%22%7D";
        wait_for(server, value, "\"47.25\"]");
        let evil = "/api/v1/query?query=count(bellwether_value%7Bchip%3D%22%5Cn%5Cn%22%7D)";
        wait_for(server, evil, ",\"1\"]");
        let rule =
            "/api/v1/query?query=instance:bellwether_channels:share%7Bstate%3D%22missing%22%7D";
        wait_for(server, rule, ",\"0.2\"]");
        let alert = "/api/v1/rules";
        wait_for(server, alert, "BellwetherGroupAlarm");
        let rules = get(server, alert).unwrap();
        assert!(!rules.contains("\"health\":\"err\""), "{rules}");
    });
    child.kill().unwrap();
    child.wait().unwrap();
    outbox.close(Duration::from_secs(10));
    if let Err(panic) = asked {
        std::panic::resume_unwind(panic);
    }
}

/// The blocks of a language in the document.
fn blocks<'a>(language: &'a str, document: &'a str) -> impl Iterator<Item = &'a str> {
    let parts = document.split("\n```").skip(1).step_by(2);
    parts.filter_map(move |part| part.strip_prefix(language)?.strip_prefix('\n'))
}

/// Broken if a key or a record of the document is not that of the program.
#[test]
fn the_document_shows_what_is_sent() {
    use serde_json::{Value, json};
    let document = include_str!("../../docs/outputs.md");
    let configurations = blocks("toml", document).map(|text| {
        let config = crate::config::Config::parse(text);
        config.unwrap_or_else(|error| panic!("{error:#}: {text}"))
    });
    assert!(configurations.count() >= 5);
    let shown = blocks("json", document).map(|text| serde_json::from_str(text).unwrap());
    let shown: Vec<Value> = shown.collect();
    let brief = check::Brief::new(&testing::status());
    let event = testing::event();
    let expected = [
        json!(brief),
        redfish::example(&event),
        nvsentinel::record(&event, "Node"),
    ];
    assert_eq!(shown, expected);
    let mut page = Vec::new();
    prometheus::write(&testing::status(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    for line in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(
            document.contains(&format!("`{name}`")),
            "{name} is not in the document"
        );
    }
}
