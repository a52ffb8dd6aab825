//! Debian's mosquitto on a free port of the loopback, in a temporary folder.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};
use tempfile::TempDir;

/// Patience with other programs on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Finds a program of Debian's. Without it a test passes as skipped, except where services are required.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        let required = env::var("CI").is_ok_and(|ci| ci == "true")
            || env::var_os("BELLWETHER_REQUIRE_SERVICES").is_some();
        assert!(!required, "no {name}");
        println!("skipped: no {name}");
    }
    found
}

/// Waits until something is so.
pub fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < end, "in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A broker. It is ended by its process id.
pub struct Broker {
    program: PathBuf,
    pub port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Broker {
    /// Prepares one with further lines of its configuration; `None` without mosquitto.
    pub fn new(lines: &str) -> Option<Self> {
        let broker = Self {
            program: program("mosquitto")?,
            port: free_port(),
            folder: TempDir::new().expect("folder"),
            child: None,
        };
        let folder = broker.folder.path().display();
        let port = broker.port;
        let anonymous = if lines.contains("allow_anonymous") {
            ""
        } else {
            "allow_anonymous true"
        };
        let text = format!(
            "user root\npersistence true\npersistence_location {folder}/\nlog_dest none\n\
             max_queued_messages 10000\nlistener {port} 127.0.0.1\n{anonymous}\n{lines}\n"
        );
        fs::write(broker.config(), text).expect("configuration");
        Some(broker)
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("mosquitto.conf")
    }

    /// Starts it, again too.
    pub fn start(&mut self) {
        let mut child = Command::new(&self.program)
            .arg("-c")
            .arg(self.config())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto");
        wait("mosquitto listens", || {
            assert!(
                child.try_wait().expect("state").is_none(),
                "mosquitto ended"
            );
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
        self.child = Some(child);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("it runs");
        let id = child.id().to_string();
        let sent = Command::new("kill")
            .args([signal, &id])
            .status()
            .expect("kill");
        assert!(sent.success());
    }

    /// Ends it as an operator does: it saves what it has.
    pub fn stop(&mut self) {
        self.signal("-TERM");
        self.child.take().expect("it runs").wait().expect("it ends");
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("killed");
        child.wait().expect("it ends");
    }

    /// Collects the messages of a topic in a session that outlasts the broker.
    pub fn listen(&self, topic: &str, options: &[&str]) -> Option<Listener> {
        Listener::start(self.port, topic, options)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A message as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    pub retained: bool,
    pub topic: String,
    pub payload: String,
}

/// mosquitto_sub and what it has printed.
pub struct Listener {
    child: Child,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Listener {
    fn start(port: u16, topic: &str, options: &[&str]) -> Option<Self> {
        let name = format!("listener-{:?}", thread::current().id());
        let mut child = Command::new(program("mosquitto_sub")?)
            .args([
                "-h",
                "localhost",
                "-p",
                &port.to_string(),
                "-t",
                topic,
                "-q",
                "1",
            ])
            .args(["-c", "-i", &name, "-F", "%r|%t|%p"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto_sub");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&arrived);
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let mut parts = line.splitn(3, '|');
                let mut part = || parts.next().unwrap_or_default().to_owned();
                let (retained, topic, payload) = (part() == "1", part(), part());
                list.lock().expect("list").push(Arrived {
                    retained,
                    topic,
                    payload,
                });
            }
        });
        Some(Self { child, arrived })
    }

    /// All messages so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("list").clone()
    }

    /// The numbers of all events so far.
    pub fn numbers(&self) -> Vec<u64> {
        let events = self
            .arrived()
            .into_iter()
            .filter(|message| message.topic.contains("/events/"));
        let number = |message: Arrived| {
            let event: serde_json::Value = serde_json::from_str(&message.payload).expect("JSON");
            event["seq"].as_u64().expect("a number")
        };
        events.map(number).collect()
    }

    /// Waits for a message.
    pub fn wait(&self, what: &str, so: impl Fn(&Arrived) -> bool) -> Arrived {
        let mut found = None;
        wait(what, || {
            found = self.arrived().into_iter().find(|message| so(message));
            found.is_some()
        });
        found.expect("found")
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a file that only its owner can read.
pub fn secret(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, content).expect("write");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("mode");
}
