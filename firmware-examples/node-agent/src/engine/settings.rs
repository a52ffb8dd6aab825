//! The choices of an operator about the daemon itself.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Section `[agent]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Name of the node; empty: the host's name.
    pub node: String,
    /// Time from wake-up to wake-up, in milliseconds: 10 to 60,000.
    pub period_ms: u32,
    /// Longest wait for the sources at a wake-up, in milliseconds: 1 to the period.
    pub wait_ms: u32,
    /// Folder of what was learned; empty: nothing is kept.
    pub state: PathBuf,
    /// Time from save to save, in milliseconds: 100 to a day.
    pub save_ms: u32,
    /// File with the running job, written by the scheduler's prolog; empty: none.
    pub job_file: PathBuf,
    /// Whether a job file of any owner and mode is believed.
    pub job_file_of_anyone: bool,
    /// Socket for `silence` and `check`; empty: none.
    pub socket: PathBuf,
    /// Niceness, 0 to 19; 0: as it was started.
    pub nice: i32,
    /// The scheduler's class.
    pub scheduler: Scheduler,
    /// Numbers of the processors it may use; empty: as it was started.
    pub cpus: Vec<u32>,
    /// Folder of trained models, `NODE.bwm` each; empty: none.
    pub models: PathBuf,
    /// File of the public key (PEM, Ed25519) whose holder must have signed the model; empty: any model.
    pub model_key: PathBuf,
}

/// The class of the kernel's scheduler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheduler {
    /// As it was started.
    #[default]
    Unchanged,
    /// `SCHED_BATCH`: never preempts others when it wakes up.
    Batch,
    /// `SCHED_IDLE`: runs when nothing else wants the processor.
    Idle,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            node: String::new(),
            period_ms: 1000,
            wait_ms: 500,
            state: PathBuf::from("/var/lib/bellwether-agent"),
            save_ms: 300_000,
            job_file: PathBuf::new(),
            job_file_of_anyone: false,
            socket: PathBuf::new(),
            nice: 0,
            scheduler: Scheduler::Unchanged,
            cpus: Vec::new(),
            models: PathBuf::new(),
            model_key: PathBuf::new(),
        }
    }
}

impl Settings {
    /// The node's name, in doubt the host's.
    pub fn name(&self) -> String {
        if !self.node.is_empty() {
            return self.node.clone();
        }
        let host = rustix::system::uname();
        match host.nodename().to_string_lossy() {
            name if name.is_empty() => "node".to_owned(),
            name => name.into_owned(),
        }
    }

    /// A path, unless it is empty.
    pub fn some(path: &Path) -> Option<&Path> {
        (!path.as_os_str().is_empty()).then_some(path)
    }

    /// Values out of their range, each as `agent.key = value: what is allowed`.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut number = |key: &str, value: i64, low: i64, high: i64| {
            if !(low..=high).contains(&value) {
                found.push(format!("agent.{key} = {value}: {low} to {high}"));
            }
        };
        let period = i64::from(self.period_ms);
        number("period_ms", period, 10, 60_000);
        number("wait_ms", self.wait_ms.into(), 1, period.max(1));
        number("save_ms", self.save_ms.into(), 100, 86_400_000);
        number("nice", self.nice.into(), 0, 19);
        for cpu in &self.cpus {
            number("cpus", (*cpu).into(), 0, 1023);
        }
        let node = &self.node;
        if node.len() > 253
            || node.contains(|c: char| c.is_control() || c.is_whitespace() || "/+#".contains(c))
        {
            found.push(format!(
                "agent.node = {:?}: at most 253 bytes without spaces and /+#",
                node.chars().take(40).collect::<String>()
            ));
        }
        let paths = [
            ("state", &self.state),
            ("job_file", &self.job_file),
            ("socket", &self.socket),
            ("models", &self.models),
            ("model_key", &self.model_key),
        ];
        for (key, path) in paths {
            if Self::some(path).is_some_and(|path| !path.is_absolute()) {
                let path = path.display().to_string();
                let short = path.chars().take(80).collect::<String>();
                found.push(format!("agent.{key} = {short:?}: a path from /"));
            }
        }
        if Self::some(&self.model_key).is_some() && Self::some(&self.models).is_none() {
            found.push("agent.model_key: without agent.models there is no model".to_owned());
        }
        found
    }
}
