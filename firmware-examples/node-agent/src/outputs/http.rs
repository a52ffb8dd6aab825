//! The HTTP listener: `/metrics`, `/healthz` and `/status` for those who ask.
//!
//! It answers from the last state that the engine has shown, so that no client, however slow, is waited for. A
//! connection serves one request, lasts a bounded time, and there are few of them.

mod answer;
mod gate;
mod server;
mod timed;
#[cfg(feature = "tls")]
mod tls;

use crate::event::Event;
use crate::sink::{Sink, Takes};
use crate::status::Status;
use anyhow::{Context as _, ensure};
use serde::Deserialize;
use server::Server;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

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
pub fn open(settings: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    Ok(Box::new(Http::new(settings)?))
}

/// The sink: it holds the last state, and the listener's thread.
struct Http {
    server: Arc<Server>,
    address: SocketAddr,
    listening: Option<thread::JoinHandle<()>>,
}

impl Http {
    fn new(settings: &Settings) -> anyhow::Result<Self> {
        let protected = settings.token_file.is_some() || settings.users_file.is_some();
        let encrypted = settings.certificate_file.is_some();
        let near = settings.listen.ip().is_loopback();
        ensure!(
            near || settings.insecure || protected,
            "listen: {}: not loopback: needs token_file or users_file, or insecure = true",
            settings.listen
        );
        ensure!(
            near || settings.insecure || encrypted,
            "listen: {}: not loopback: needs certificate_file and key_file, or insecure = true",
            settings.listen
        );
        let connections = settings.connections;
        ensure!(
            (1..=64).contains(&connections),
            "connections: {connections}: not in 1 to 64"
        );
        let time = settings.time_s;
        ensure!((1..=60).contains(&time), "time_s: {time}: not in 1 to 60");
        let server = Arc::new(Server::new(settings)?);
        let listener = TcpListener::bind(settings.listen)
            .with_context(|| format!("listen: {}", settings.listen))?;
        let address = listener.local_addr()?;
        let serving = Arc::clone(&server);
        let listening = thread::Builder::new()
            .name("http-listener".into())
            .stack_size(server::STACK)
            .spawn(move || serving.serve(&listener))?;
        Ok(Self {
            server,
            address,
            listening: Some(listening),
        })
    }
}

impl Sink for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn takes(&self) -> Takes {
        Takes::States
    }

    fn tell(&mut self, _: &Event) -> anyhow::Result<()> {
        Ok(())
    }

    fn show(&mut self, status: &Arc<Status>) -> anyhow::Result<()> {
        self.server.show(status);
        Ok(())
    }
}

impl Drop for Http {
    /// Gives the address back, for the listener of a new configuration.
    fn drop(&mut self) {
        self.server.end();
        // Wakes it up; if nothing can connect, it is left behind.
        if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok()
            && let Some(listening) = self.listening.take()
        {
            let _ = listening.join();
        }
    }
}

#[cfg(test)]
mod tests;
