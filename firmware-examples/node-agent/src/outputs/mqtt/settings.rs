//! The choices of an operator about the output to an MQTT broker.

use super::topic;
use anyhow::ensure;
use serde::Deserialize;
use std::path::PathBuf;

/// The version of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Version {
    /// MQTT 3.1.1.
    #[default]
    #[serde(rename = "3.1.1")]
    V4,
    /// MQTT 5.
    #[serde(rename = "5")]
    V5,
}

/// The scores that are published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// None.
    Off,
    /// Those that differ from the last frame's; all after a connection begins.
    #[default]
    Changed,
    /// All, each frame.
    All,
}

/// Section `[outputs.mqtt.tls]`. An empty one encrypts with the roots of the distribution.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Certificates of the authorities that are trusted, as PEM.
    pub ca: PathBuf,
    /// Certificate of this client and those between it and its authority, as PEM.
    pub cert: Option<PathBuf>,
    /// Private key of `cert`, as PEM. Group and world must not be able to read it.
    pub key: Option<PathBuf>,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            ca: "/etc/ssl/certs/ca-certificates.crt".into(),
            cert: None,
            key: None,
        }
    }
}

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
    /// Folder of the queues on disk. Each agent needs its own.
    #[serde(default = "queue")]
    pub queue: PathBuf,
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

fn queue() -> PathBuf {
    "/var/lib/bellwether-agent/mqtt".into()
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
    /// Checks the values.
    ///
    /// # Errors
    /// A value is out of range; with its key.
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
        Ok(())
    }
}
