//! The HTTP listener: `/metrics`, `/healthz` and `/status` for those who ask.

use crate::sink::Sink;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Section `[outputs.http]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address and port. An address other than loopback needs `token_file` or `users_file`, and TLS.
    pub listen: SocketAddr,
    /// Permits an address other than loopback without authentication or without TLS.
    pub insecure: bool,
    /// File of a token; requests then need `Authorization: Bearer TOKEN`.
    pub token_file: Option<PathBuf>,
    /// File of users as `htpasswd -B` makes it, `NAME:$2y$…` in each line; requests then need one of them.
    pub users_file: Option<PathBuf>,
    /// File of the certificate and its chain (PEM): TLS. Needs the feature `tls`.
    pub certificate_file: Option<PathBuf>,
    /// File of the certificate's key (PEM).
    pub key_file: Option<PathBuf>,
    /// Connections at a time, 1 to 64. One more ends the oldest.
    pub connections: usize,
    /// Seconds that a connection may last, 1 to 60.
    pub time_s: u64,
    /// Seconds without a new state after which `/healthz` answers 503.
    pub stale_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 9786).into(),
            insecure: false,
            token_file: None,
            users_file: None,
            certificate_file: None,
            key_file: None,
            connections: 4,
            time_s: 5,
            stale_s: 180,
        }
    }
}

/// Starts it.
///
/// # Errors
/// The address is in use, the settings contradict each other, or a file cannot be used.
pub fn open(_: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    anyhow::bail!("not in this program")
}
