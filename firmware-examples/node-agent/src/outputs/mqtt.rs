//! The output to an MQTT broker: events that get through a broker's restart, and scores in ExaMon's layout.
//!
//! ```text
//! tell ─▶ queue on disk ─ link ─▶ broker: <prefix>/events/<kind>/<group>   JSON, QoS 1, retained
//! show ─▶ newest state  ─ (thread) ─▶     <prefix>/data/<sensor>/anomaly_score   value;unix_ts, QoS 0
//!                                         <prefix>/status                  online, offline (last will)
//! ```
//!
//! Neither call waits for the broker. An event is on the disk before `tell` returns, and stays there until the
//! broker has confirmed it. After a loss of the connection it may arrive twice: its `seq` is then the same.

mod backoff;
mod link;
mod message;
mod queue;
mod scores;
mod secret;
mod session;
mod tls;
pub mod topic;
mod window;
mod wire;

pub use scores::Which;
pub use tls::Settings as Tls;
pub use wire::Version;

use crate::event::Event;
use crate::sink::{Counts, Sink};
use crate::status::Status;
use anyhow::{Context as _, ensure};
use link::{Plan, Queues, Shared};
use message::Message;
use queue::Queue;
use scores::Scores;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The link has this long to send what waits when the agent ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// Section `[outputs.mqtt]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name or address of the broker.
    pub host: String,
    /// Its port; 1883, or 8883 with TLS, if not given.
    #[serde(default)]
    pub port: Option<u16>,
    /// Version of the protocol.
    #[serde(default)]
    pub version: Version,
    /// Name of this client, unique at the broker; `bellwether-<node>` if not given.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Layout of the topics, with `{org}`, `{cluster}` and `{node}`.
    #[serde(default = "examon")]
    pub prefix: String,
    /// The `{org}` of the layout.
    #[serde(default = "org")]
    pub org: String,
    /// The `{cluster}` of the layout.
    #[serde(default = "cluster")]
    pub cluster: String,
    /// Scores that are sent.
    #[serde(default)]
    pub scores: Which,
    /// Quality of service of scores: 0, or 1 with a queue on disk of their own.
    #[serde(default)]
    pub data_qos: u8,
    /// Bytes of a queue on disk.
    #[serde(default = "queue_bytes")]
    pub queue_bytes: u64,
    /// Seconds between signs of life. A broker that is silent for twice as long counts as lost.
    #[serde(default = "keep_alive_s")]
    pub keep_alive_s: u16,
    /// The longest wait between attempts to connect, in seconds.
    #[serde(default = "retry_max_s")]
    pub retry_max_s: u32,
    /// Name of the user at the broker.
    #[serde(default)]
    pub user: Option<String>,
    /// File whose first line is the password. Group and world must not be able to read it.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Encryption.
    #[serde(default)]
    pub tls: Option<Tls>,
}

fn examon() -> String {
    topic::EXAMON.into()
}

fn org() -> String {
    "org".into()
}

fn cluster() -> String {
    "cluster".into()
}

const fn queue_bytes() -> u64 {
    4 << 20
}

const fn keep_alive_s() -> u16 {
    30
}

const fn retry_max_s() -> u32 {
    60
}

impl Settings {
    /// Checks the values, and that the files of secrets and certificates can be used.
    ///
    /// # Errors
    /// A value is out of range, or a file is missing, unusable or open to others; with the key.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            !self.host.is_empty() && !self.host.contains(char::is_whitespace),
            "host: {:?}",
            self.host
        );
        ensure!(
            self.data_qos <= 1,
            "data_qos: {}, not 0 or 1",
            self.data_qos
        );
        ensure!(
            self.keep_alive_s >= 5,
            "keep_alive_s: {}, less than 5",
            self.keep_alive_s
        );
        ensure!(
            (1..=86_400).contains(&self.retry_max_s),
            "retry_max_s: {}, not 1 to 86,400",
            self.retry_max_s
        );
        let bytes = 64 << 10..=1 << 40;
        ensure!(
            bytes.contains(&self.queue_bytes),
            "queue_bytes: {}, not 64 KiB to 1 TiB",
            self.queue_bytes
        );
        topic::prefix(&self.prefix, &self.org, &self.cluster, "node")?;
        let login = (&self.user, &self.password_file);
        ensure!(
            !matches!(login, (None, Some(_))),
            "password_file without user"
        );
        if let Some(path) = &self.password_file {
            secret::password(path).context("password_file")?;
        }
        if let Some(tls) = &self.tls {
            tls::config(tls).context("tls")?;
        }
        Ok(())
    }

    fn options(&self, node: &str, prefix: &str) -> anyhow::Result<wire::Options> {
        let password = self
            .password_file
            .as_deref()
            .map(secret::password)
            .transpose()?;
        let login = self
            .user
            .clone()
            .map(|user| (user, password.unwrap_or_default()));
        let name = || format!("bellwether-{}", topic::level(node));
        Ok(wire::Options {
            version: self.version,
            host: self.host.clone(),
            port: self
                .port
                .unwrap_or(if self.tls.is_some() { 8883 } else { 1883 }),
            client_id: self.client_id.clone().unwrap_or_else(name),
            keep_alive: Duration::from_secs(self.keep_alive_s.into()),
            login,
            tls: self.tls.as_ref().map(tls::config).transpose()?,
            will: Message {
                topic: format!("{prefix}/status"),
                payload: "offline".into(),
                retain: true,
            },
        })
    }
}

/// The output.
pub struct Mqtt {
    prefix: String,
    shared: Arc<Shared>,
    /// With confirmation, scores are queued here.
    scores: Option<Scores>,
    link: Option<thread::JoinHandle<()>>,
}

impl Mqtt {
    /// Opens the queues below `folder` and starts the link. A broker that is away is no error.
    ///
    /// # Errors
    /// As [`Settings::check`], or the folder cannot be used.
    pub fn open(settings: &Settings, node: &str, folder: &Path) -> anyhow::Result<Self> {
        settings.check().context("[outputs.mqtt]")?;
        let prefix = topic::prefix(&settings.prefix, &settings.org, &settings.cluster, node)?;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now_ms = u64::try_from(now.as_millis()).unwrap_or_default();
        let open = |name: &str, durable| -> anyhow::Result<Queue> {
            let queue = Queue::open(&folder.join(name), settings.queue_bytes, durable, now_ms);
            let (queue, complaints) = queue.context("[outputs.mqtt]")?;
            for complaint in complaints {
                eprintln!("bellwether-agent: mqtt: {complaint}");
            }
            Ok(queue)
        };
        let confirmed = settings.data_qos == 1;
        let scores = if confirmed {
            Some(open("scores", false)?)
        } else {
            None
        };
        let shared = Arc::new(Shared::new(open("events", true)?, scores));
        let plan = Plan {
            options: Box::new({
                let (settings, node, prefix) = (settings.clone(), node.to_owned(), prefix.clone());
                move || settings.options(&node, &prefix)
            }),
            prefix: prefix.clone(),
            scores: if confirmed {
                Which::Off
            } else {
                settings.scores
            },
            longest: Duration::from_secs(settings.retry_max_s.into()),
        };
        let link = thread::Builder::new().name("mqtt-link".into()).spawn({
            let shared = Arc::clone(&shared);
            move || link::run(&shared, &plan)
        })?;
        Ok(Self {
            scores: confirmed.then(|| Scores::new(prefix.clone(), settings.scores)),
            prefix,
            shared,
            link: Some(link),
        })
    }
}

impl Sink for Mqtt {
    fn name(&self) -> &'static str {
        "mqtt"
    }

    fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.shared.counts)
    }

    fn tell(&mut self, event: &Event) -> anyhow::Result<()> {
        self.shared.put(|queues: &mut Queues| {
            let queue = &mut queues.events;
            let message = Message::event(&self.prefix, event, queue.next(), queue.largest())?;
            queue.push(&message.encode()?)?;
            Ok(())
        })
    }

    fn show(&mut self, status: &Arc<Status>) -> anyhow::Result<()> {
        let Some(scores) = &mut self.scores else {
            self.shared.show(status);
            return Ok(());
        };
        let messages = scores.messages(status);
        self.shared.put(|queues: &mut Queues| {
            let queue = queues.scores.as_mut().context("no queue of scores")?;
            for message in messages {
                queue.push(&message.encode()?)?;
            }
            Ok(())
        })
    }
}

impl Drop for Mqtt {
    /// Sends what waits, for a short time, then says farewell. A link that hangs is left behind.
    fn drop(&mut self) {
        let until = Instant::now() + FAREWELL;
        self.shared.end(until);
        let Some(link) = self.link.take() else { return };
        while !link.is_finished() && Instant::now() < until + FAREWELL {
            thread::sleep(Duration::from_millis(10));
        }
    }
}
