//! Webhooks: an event as JSON to an HTTP server, tried again until it is taken.
//!
//! A server that is slow, ill or hostile costs the output's own thread and nothing else: a try has a limit of time,
//! a redirection is not followed, and of an answer only the head is read. Events wait in the outbox, whose bound
//! drops the oldest.

#[cfg(feature = "webhook")]
mod client;

#[cfg(feature = "webhook")]
pub use client::Post;

use serde::Deserialize;
use std::path::PathBuf;

/// Table `webhook` of an output.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The address: `https://HOST/PATH`, or `http://` without a password or token, or to loopback.
    pub url: String,
    /// User of `password_file`.
    pub user: Option<String>,
    /// File of a password.
    pub password_file: Option<PathBuf>,
    /// File of a token, sent as `Authorization: Bearer`.
    pub token_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted; otherwise those of the system.
    pub ca_file: Option<PathBuf>,
    /// Permits a password or token without TLS.
    #[serde(default)]
    pub insecure: bool,
    /// Seconds for one try, 1 to 300.
    #[serde(default = "timeout")]
    pub timeout_s: u64,
    /// Seconds after which an event that nobody takes is dropped and counted.
    #[serde(default = "patience")]
    pub give_up_s: u64,
}

const fn timeout() -> u64 {
    10
}

const fn patience() -> u64 {
    3600
}

/// The place of the client in a program without it.
#[cfg(not(feature = "webhook"))]
pub enum Post {}

#[cfg(not(feature = "webhook"))]
impl Post {
    /// Fails.
    ///
    /// # Errors
    /// Always.
    pub fn new(_: &Settings) -> anyhow::Result<Self> {
        anyhow::bail!("this program is without the feature webhook")
    }

    /// Is never called.
    ///
    /// # Errors
    /// None.
    pub fn send(&mut self, _: &serde_json::Value) -> anyhow::Result<()> {
        match *self {}
    }
}
