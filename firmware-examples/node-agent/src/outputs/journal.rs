//! The journal of systemd: events as records with fields.
//!
//! A record is a datagram to the journal's socket; one too large for it goes through a sealed file in memory. The
//! fields of a variable, such as `BELLWETHER_CHANNEL`, occur once for each. `journalctl BELLWETHER_KIND=stuck`
//! finds the events of a kind, `MESSAGE_ID` those of a phase.

use super::prometheus::{kind_name, severity_name};
use super::time::rfc3339;
use crate::event::{Event, Phase, Severity};
use crate::sink::{Sink, Takes};
use crate::status::Status;
use anyhow::Context as _;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;
use rustix::net::{
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, sendmsg_addr,
};
use serde::Deserialize;
use std::fs::File;
use std::io::{IoSlice, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// `MESSAGE_ID` of an event that starts.
pub const START: &str = "5b2f0f6a6ad94c1f8e0b7c36d1a9e441";
/// `MESSAGE_ID` of an event that lasts and has changed.
pub const UPDATE: &str = "c98d7c2b54b74f4f9d0a1ee2b8f3d6a7";
/// `MESSAGE_ID` of an event that is over.
pub const CLEAR: &str = "0e64d1b9f7a84c0db3a25f8c9714e2d3";

/// Longest wait for a journal that does not read.
const WAIT: Duration = Duration::from_secs(10);

/// Section `[outputs.journal]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The journal's socket.
    pub socket: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            socket: "/run/systemd/journal/socket".into(),
        }
    }
}

/// Starts it. The socket itself may come later, and go in between.
///
/// # Errors
/// There is no socket to send from, or the name of the journal's is too long.
pub fn open(settings: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    Ok(Box::new(Journal::new(&settings.socket)?))
}

struct Journal {
    from: UnixDatagram,
    to: SocketAddrUnix,
    path: PathBuf,
}

impl Journal {
    fn new(path: &Path) -> anyhow::Result<Self> {
        let to =
            SocketAddrUnix::new(path).with_context(|| format!("socket: {}", path.display()))?;
        let from = UnixDatagram::unbound()?;
        from.set_write_timeout(Some(WAIT))?;
        Ok(Self {
            from,
            to,
            path: path.to_owned(),
        })
    }

    fn send(&self, record: &[u8]) -> anyhow::Result<()> {
        match self.datagram(record, &mut SendAncillaryBuffer::default()) {
            Err(Errno::MSGSIZE | Errno::NOBUFS) => {}
            sent => return sent.with_context(|| self.path.display().to_string()),
        }
        let memory = memfd_create(
            "bellwether-event",
            MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
        )?;
        let mut memory = File::from(memory);
        memory.write_all(record)?;
        // The journal reads only what can no longer change.
        let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
        fcntl_add_seals(&memory, seals)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let files = [memory.as_fd()];
        ancillary.push(SendAncillaryMessage::ScmRights(&files));
        self.datagram(&[], &mut ancillary)
            .with_context(|| self.path.display().to_string())
    }

    fn datagram(
        &self,
        record: &[u8],
        ancillary: &mut SendAncillaryBuffer<'_, '_, '_>,
    ) -> Result<(), Errno> {
        let parts = [IoSlice::new(record)];
        let parts = if record.is_empty() { &[] } else { &parts[..] };
        sendmsg_addr(&self.from, &self.to, parts, ancillary, SendFlags::NOSIGNAL)?;
        Ok(())
    }
}

impl Sink for Journal {
    fn name(&self) -> &'static str {
        "journal"
    }

    fn takes(&self) -> Takes {
        Takes::Events
    }

    fn tell(&mut self, event: &Event) -> anyhow::Result<()> {
        self.send(&record(event))
    }

    fn show(&mut self, _: &Arc<Status>) -> anyhow::Result<()> {
        Ok(())
    }
}

/// The record of an event, in the journal's native protocol.
fn record(event: &Event) -> Vec<u8> {
    let (phase, identity) = match event.phase {
        Phase::Start => ("start", START),
        Phase::Update => ("update", UPDATE),
        Phase::Clear => ("clear", CLEAR),
    };
    // As syslog counts: 3 error, 4 warning, 5 notice, 6 information.
    let priority = match (event.phase, event.severity) {
        (Phase::Clear, _) => "5",
        (_, Severity::Critical) => "3",
        (_, Severity::Warning) => "4",
        (_, Severity::Info) => "6",
    };
    let mut record = Vec::with_capacity(1024);
    let mut put = |name: &str, value: &str| field(&mut record, name, value);
    put("MESSAGE", &event.message);
    put("MESSAGE_ID", identity);
    put("PRIORITY", priority);
    put("SYSLOG_IDENTIFIER", "bellwether-agent");
    put("BELLWETHER_EVENT_ID", &event.id.to_string());
    put("BELLWETHER_PHASE", phase);
    put("BELLWETHER_KIND", kind_name(event.kind));
    put("BELLWETHER_SEVERITY", severity_name(event.severity));
    put("BELLWETHER_NODE", &event.node);
    put("BELLWETHER_GROUP", &event.group);
    put("BELLWETHER_SINCE", &rfc3339(event.since_ms));
    put("BELLWETHER_AT", &rfc3339(event.at_ms));
    let mut number = |name: &str, value: Option<f32>| {
        if let Some(value) = value {
            put(name, &value.to_string());
        }
    };
    number("BELLWETHER_SCORE", event.score);
    number("BELLWETHER_THRESHOLD", event.threshold);
    if let Some(first) = event.variables.first() {
        number("BELLWETHER_VALUE", first.value);
        number("BELLWETHER_EXPECTED", first.expected);
    }
    if let Some(job) = &event.job {
        put("BELLWETHER_JOB", job);
    }
    for variable in &event.variables {
        put("BELLWETHER_CHANNEL", &variable.channel);
    }
    record
}

/// A field: a line, or with its length in front if the value has more lines than one.
fn field(record: &mut Vec<u8>, name: &str, value: &str) {
    record.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        record.push(b'\n');
        record.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        record.push(b'=');
    }
    record.extend_from_slice(value.as_bytes());
    record.push(b'\n');
}

#[cfg(test)]
mod tests;
