//! Workers on Debian's nats-server: one is killed, the server is restarted, and every frame is judged once.

use super::service::{PATIENCE, Service, has, ports, until};
use crate::command_fleet::{SET, recordings, said, whole};
use crate::common::{bellwether, run};
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Instant;

/// Frames of a node.
const ROWS: usize = 900;
/// Recorded seconds in one of the replay: a node's frames take a minute and a half, or five seconds.
const SLOW: &str = "600";
const FAST: &str = "10800";

/// A server with its store.
struct Server {
    folder: PathBuf,
    port: u16,
    service: Option<Service>,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let [port] = ports();
        let mut server = Self {
            folder: folder.to_owned(),
            port,
            service: None,
        };
        server.resume();
        server
    }

    fn resume(&mut self) {
        let store = self.folder.join("store");
        let (port, store) = (self.port.to_string(), store.to_str().unwrap());
        let arguments = ["-a", "127.0.0.1", "-p", &port, "-js", "-sd", store];
        let log = self.folder.join("server.log");
        self.service = Some(Service::start("nats-server", &arguments, &log));
        until("nats-server", || {
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

/// A worker, or a replay, in the background.
fn start(arguments: &[&str]) -> Child {
    let mut command = bellwether(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().unwrap()
}

fn ended(mut child: Child) -> String {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("it goes on: {}", said(&child.wait_with_output().unwrap()));
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

/// The last message of a subject.
fn last(url: &str, stream: &str, subject: &str) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = async_nats::connect(url).await.ok()?;
        let context = async_nats::jetstream::new(client);
        let stream = context.get_stream(stream).await.ok()?;
        let last = stream.get_last_raw_message_by_subject(subject).await.ok()?;
        String::from_utf8(last.payload.to_vec()).ok()
    })
}

/// Broken by a frame that is lost with a worker or with the server, that is judged twice, or whose verdict depends
/// on who made it.
#[test]
fn every_frame_is_judged_once_though_a_worker_and_the_server_die() {
    if !has(&["nats-server"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let paths = recordings(folder.path(), 4, ROWS);
    let expected = whole(folder.path(), &paths);
    let mut server = Server::start(folder.path());
    let url = server.url();
    let to = ["--nats", &url, "--stream", "march"];
    let replay = |speed: &'static str| -> Vec<&str> {
        ["fleet", "replay"]
            .into_iter()
            .chain(paths.iter().map(|path| path.to_str().unwrap()))
            .chain(to)
            .chain(["--speed", speed])
            .collect()
    };
    let serve = ["fleet", "serve", "--lease", "3", "--until-done"];
    let serve = [&serve[..], &to, &SET].concat();
    // The replay is killed in the middle, and so is the worker that has judged what there is.
    let mut replaying = start(&replay(SLOW));
    until("a first frame", || {
        last(&url, "march", "bellwether.frames.r0n0").is_some()
    });
    replaying.kill().unwrap();
    replaying.wait().unwrap();
    let mut first = start(&serve);
    until("a first piece", || {
        let piece = last(&url, "march-verdicts", "bellwether.verdicts.r0n0");
        piece.is_some_and(|piece| piece.contains("\"last\":false"))
    });
    first.kill().unwrap();
    first.wait().unwrap();
    let workers = [start(&serve), start(&serve)];
    let replaying = start(&replay(FAST));
    std::thread::sleep(std::time::Duration::from_millis(500));
    server.service = None;
    server.resume();
    let replayed = ended(replaying);
    assert!(replayed.contains("4 nodes"), "{replayed}");
    let logs = workers.map(ended).concat();
    // Somebody went on where the first one was killed.
    let went_on = logs.lines().filter(|line| line.contains(": complete"));
    assert!(
        went_on.clone().any(|line| !line.contains("from 0 on")),
        "{logs}"
    );
    let merged = folder.path().join("merged.jsonl");
    let arguments = [&["fleet", "merge", "-o", merged.to_str().unwrap()][..], &to].concat();
    let output = run(&arguments, "");
    assert!(
        said(&output).contains("4 nodes, 3,600 frames, each judged once"),
        "{}",
        said(&output)
    );
    assert!(
        fs::read(&merged).unwrap() == expected,
        "other verdicts than by `fleet run`"
    );
    // A replay that is complete sends nothing again, and other settings do not mix with these.
    assert!(ended(start(&replay(FAST))).contains("4 nodes: 0 frames sent; 4 nodes were there"));
    let other = [&["fleet", "serve", "--until-done"][..], &to].concat();
    let output = run(&other, "");
    assert!(
        said(&output).contains("other workers judge in another way"),
        "{}",
        said(&output)
    );
}
