//! The program on a fake machine: a tree of sensors, a configuration, and its socket.
#![allow(dead_code)]

use bellwether_agent::engine::{self, Answer, Request};
use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for anything on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A number of a state, 0 if it has none.
pub fn number(status: &Value, key: &str) -> u64 {
    status.get(key).and_then(Value::as_u64).unwrap_or(0)
}

/// A machine with eight sensors, and a configuration that reads only them.
pub struct Place {
    folder: TempDir,
    more: String,
}

impl Place {
    /// With these further lines; the section `[agent]` is first in them.
    pub fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Self {
            folder,
            more: more.to_owned(),
        };
        let chip = place.path("hwmon/hwmon0");
        fs::create_dir_all(&chip).expect("made");
        fs::write(chip.join("name"), "fake\n").expect("written");
        for sensor in 0..8 {
            fs::write(place.input(sensor), format!("{}\n", 40_000 + 100 * sensor))
                .expect("written");
        }
        place.configure("");
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn input(&self, sensor: u64) -> PathBuf {
        self.path(&format!("hwmon/hwmon0/temp{}_input", sensor + 1))
    }

    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    pub fn socket(&self) -> PathBuf {
        self.path("run/agent.sock")
    }

    pub fn config(&self) -> PathBuf {
        self.path("agent.toml")
    }

    /// Writes the configuration with further lines at its end.
    pub fn configure(&self, last: &str) {
        let places = format!(
            "[agent]\nstate = {:?}\nsocket = {:?}\njob_file = {:?}\n",
            self.state(),
            self.socket(),
            self.path("job")
        );
        let mut text = self.more.replacen("[agent]\n", &places, 1);
        text += &format!("[sources.hwmon]\nroot = {:?}\n", self.path("hwmon"));
        for source in ["thermal", "powercap", "edac", "proc"] {
            text += &format!("[sources.{source}]\nenabled = false\n");
        }
        text += last;
        self.write("agent.toml", &text);
    }

    /// Writes a file that only its owner can write, in one step.
    pub fn write(&self, name: &str, text: &str) {
        let fresh = self.path("fresh");
        fs::write(&fresh, text).expect("written");
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o644)).expect("allowed");
        fs::rename(&fresh, self.path(name)).expect("renamed");
    }

    /// The program with these arguments.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether-agent"));
        command.args(arguments).arg("--config").arg(self.config());
        command
    }
}

/// The daemon while it runs.
pub struct Agent {
    child: Child,
    socket: PathBuf,
    log: PathBuf,
}

impl Agent {
    /// Starts it and waits until it answers.
    pub fn start(place: &Place) -> Self {
        Self::start_with(place, |_| {})
    }

    /// As [`Self::start`], after a change to the command.
    pub fn start_with(place: &Place, change: impl FnOnce(&mut Command)) -> Self {
        let log = place.path("log");
        let file = File::create(&log).expect("a file");
        let out = file.try_clone().expect("a descriptor");
        let mut command = place.program(&["run"]);
        command.stdout(out).stderr(Stdio::from(file));
        change(&mut command);
        let child = command.spawn().expect("the program");
        let mut agent = Self {
            child,
            socket: place.socket(),
            log,
        };
        agent.until("an answer", |agent| agent.try_status().is_ok());
        agent
    }

    /// Waits for something.
    pub fn until(&mut self, what: &str, mut is: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is(self) {
            let ended = self.child.try_wait().expect("a child");
            assert!(
                ended.is_none() && Instant::now() < end,
                "no {what} ({ended:?}): {}",
                self.log()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn ask(&self, request: &Request) -> anyhow::Result<Answer> {
        engine::ask(&self.socket, request)
    }

    pub fn try_status(&self) -> anyhow::Result<Value> {
        let status = self.ask(&Request::Status {})?.status;
        status.ok_or_else(|| anyhow::anyhow!("no state"))
    }

    pub fn status(&self) -> Value {
        self.try_status().expect("an answer")
    }

    /// Everything it has said.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Samples that it went on after.
    pub fn restored(&self) -> u64 {
        let log = self.log();
        let behind = log
            .split("goes on after ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        behind.and_then(|samples| samples.parse().ok()).unwrap_or(0)
    }

    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .expect("kill")
                .success()
        );
    }

    /// Kills it after a time, from a thread of its own.
    pub fn kill_after(&mut self, life: Duration) -> JoinHandle<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        thread::spawn(move || {
            thread::sleep(life);
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it lives");
        })
    }

    /// Waits for its end; its exit code.
    pub fn end(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (status.code(), self.log());
            }
            assert!(Instant::now() < end, "it does not end: {}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The names of a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
