use super::*;
use crate::outputs::testing;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn sink(path: &Path) -> Box<dyn Sink> {
    open(&Settings {
        path: path.to_owned(),
    })
    .unwrap()
}

/// Broken if the file is written in place, gets the mask's mode, or something is left beside it.
#[test]
fn the_file_is_replaced_as_a_whole_and_readable_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bellwether.prom");
    let mut sink = sink(&path);
    assert!(!path.exists(), "no file before there is a state");
    let mut status = testing::status();
    sink.show(&Arc::new(status.clone())).unwrap();
    let open_before = File::open(&path).unwrap();
    let before = fs::read_to_string(&path).unwrap();
    assert!(before.contains("\nbellwether_node_anomaly_ratio 0.25\n"));
    status.anomaly_ratio = 0.5;
    sink.show(&Arc::new(status)).unwrap();
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.contains("\nbellwether_node_anomaly_ratio 0.5\n"));
    // A reader that has it open goes on reading the old one.
    assert_eq!(std::io::read_to_string(open_before).unwrap(), before);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o644
    );
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 1, "the temporary file is gone");
    // Samples with a time are refused by the collector.
    for line in after.lines().filter(|line| !line.starts_with('#')) {
        let value = line.rsplit("} ").next().unwrap_or(line);
        let fields = value.split(' ').count();
        assert_eq!(fields, if line.contains('{') { 1 } else { 2 }, "{line}");
    }
}

/// Broken if a link with the temporary name is followed: its target would be overwritten.
#[test]
fn a_link_in_the_way_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bellwether.prom");
    let treasure = folder.path().join("treasure");
    fs::write(&treasure, "gold").unwrap();
    let mut sink = sink(&path);
    std::os::unix::fs::symlink(&treasure, folder.path().join("bellwether.prom.tmp")).unwrap();
    sink.show(&Arc::new(testing::status())).unwrap();
    assert_eq!(fs::read_to_string(&treasure).unwrap(), "gold");
    assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
}

/// Broken if a wrong name or folder is told only when the first frame is written.
#[test]
fn a_file_that_cannot_be_made_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing/bellwether.prom");
    for path in [folder.path().join("bellwether.txt"), missing, "/".into()] {
        let error = format!("{:#}", open(&Settings { path }).err().unwrap());
        assert!(error.starts_with("path: "), "{error}");
    }
    // And one that vanishes later is an error, not a panic; it heals.
    let path = folder.path().join("sub/bellwether.prom");
    fs::create_dir(folder.path().join("sub")).unwrap();
    let mut sink = sink(&path);
    fs::remove_dir(folder.path().join("sub")).unwrap();
    assert!(sink.show(&Arc::new(testing::status())).is_err());
    fs::create_dir(folder.path().join("sub")).unwrap();
    sink.show(&Arc::new(testing::status())).unwrap();
}

/// Broken if node_exporter cannot read the file, or does not tell its metrics.
#[test]
fn the_real_node_exporter_tells_it() {
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let Some(mut exporter) = testing::program("prometheus-node-exporter") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut sink = sink(&folder.path().join("bellwether.prom"));
    sink.show(&Arc::new(testing::status())).unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut child = exporter
        .args(["--collector.disable-defaults", "--collector.textfile"])
        .arg(format!(
            "--collector.textfile.directory={}",
            folder.path().display()
        ))
        .arg(format!("--web.listen-address={address}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    let mut page = String::new();
    while page.is_empty() && Instant::now() < end {
        if let Ok(mut stream) = TcpStream::connect(address) {
            stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
            stream.read_to_string(&mut page).unwrap();
        } else {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for line in [
        "node_textfile_scrape_error 0",
        "bellwether_node_anomaly_ratio 0.25",
        r#"bellwether_events_total{kind="anomaly"} 3"#,
        r#"bellwether_anomaly_score{channel="0000:00:18.3/k10temp/temp1:Tctl",chip="pci0000:00_0000:00:18_3",group="hwmon",sensor="temp1"} 3.5"#,
    ] {
        assert!(page.lines().any(|have| have == line), "{line}\n{page}");
    }
}
