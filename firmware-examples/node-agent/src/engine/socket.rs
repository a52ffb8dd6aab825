//! The socket: requests of the operator on this machine, one at a time, apart from the detection.
//!
//! Its folder has mode 0750, and the kernel's word on the client counts: this user, or root. A client has
//! [`PATIENCE`] for a request of at most [`LARGEST`] bytes; one that is slow, huge or wrong keeps nobody but the
//! clients behind it waiting, and no longer than that.

use super::request::{Answer, Request};
use super::wake::Bell;
use crate::config::trusted_folder;
use anyhow::{Context as _, ensure};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// The largest request, in bytes.
pub const LARGEST: usize = 4096;
/// Time for a request, and for taking the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Time that the daemon may take for an answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A request that waits, and the way back.
#[derive(Debug)]
pub struct Asked {
    /// The request.
    pub request: Request,
    /// Takes the answer.
    pub reply: SyncSender<Answer>,
}

/// The socket while the daemon runs. Its file goes with it.
#[derive(Debug)]
pub struct Socket {
    path: PathBuf,
    /// Requests.
    pub asked: Receiver<Asked>,
}

impl Socket {
    /// Listens at a path, whose folder is made if it is missing. The bell rings at a request.
    ///
    /// # Errors
    /// The folder is writable by others, another agent listens there, or something else is in the way.
    pub fn listen(path: &Path, bell: Bell) -> anyhow::Result<Self> {
        let listener = bind(path).with_context(|| format!("agent.socket {}", path.display()))?;
        let (put, asked) = sync_channel(1);
        let serve = move || {
            for stream in listener.incoming() {
                match stream {
                    Ok(stream) => serve(&stream, &put, &bell),
                    // No descriptors left: not now, and not in a circle.
                    Err(_) => thread::sleep(Duration::from_millis(200)),
                }
            }
        };
        thread::Builder::new().name("socket".into()).spawn(serve)?;
        Ok(Self {
            path: path.to_owned(),
            asked,
        })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn bind(path: &Path) -> anyhow::Result<UnixListener> {
    let folder = path.parent().context("no folder")?;
    let mut make = fs::DirBuilder::new();
    match make.mode(0o750).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    trusted_folder(folder)?;
    if let Ok(old) = fs::symlink_metadata(path) {
        ensure!(old.file_type().is_socket(), "is there and no socket");
        ensure!(
            UnixStream::connect(path).is_err(),
            "another agent listens there"
        );
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

/// Serves one client.
fn serve(mut stream: &UnixStream, put: &SyncSender<Asked>, bell: &Bell) {
    let end = Instant::now() + PATIENCE;
    let answer = match admitted(stream) {
        false => Answer::failed("only the agent's user and root may ask"),
        true => match read(stream, end) {
            Ok(line) => match serde_json::from_slice(&line) {
                Ok(request) => ask(request, put, bell),
                Err(error) => Answer::failed(format!("no request: {error}")),
            },
            Err(error) => Answer::failed(format!("{error:#}")),
        },
    };
    let Ok(mut text) = serde_json::to_vec(&answer) else {
        return;
    };
    text.push(b'\n');
    let end = Instant::now() + PATIENCE;
    let mut rest = text.as_slice();
    // In pieces: the kernel's limit is for each, and a client that takes single bytes has one for all.
    while let Some(left) = end
        .checked_duration_since(Instant::now())
        .filter(|_| !rest.is_empty())
    {
        let _ = stream.set_write_timeout(Some(left.max(Duration::from_millis(1))));
        match stream.write(rest) {
            Ok(0) => break,
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
}

/// Whether the kernel says that the client is this user or root.
fn admitted(stream: &UnixStream) -> bool {
    let Ok(peer) = rustix::net::sockopt::socket_peercred(stream) else {
        return false;
    };
    peer.uid.is_root() || peer.uid == rustix::process::geteuid()
}

/// The first line of a client.
fn read(mut stream: &UnixStream, end: Instant) -> anyhow::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut piece = [0; 512];
    loop {
        let left = end
            .checked_duration_since(Instant::now())
            .context("too slow")?;
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let read = match stream.read(&mut piece) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let new = piece.get(..read).unwrap_or_default();
        match new.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                line.extend(new.iter().take(end));
                return Ok(line);
            }
            None => line.extend(new),
        }
        ensure!(line.len() <= LARGEST, "more than {LARGEST} bytes");
        if read == 0 {
            return Ok(line);
        }
    }
}

fn ask(request: Request, put: &SyncSender<Asked>, bell: &Bell) -> Answer {
    let (reply, answer) = sync_channel(1);
    // One request waits at most, that of this thread, unless the last one was given up.
    if put.try_send(Asked { request, reply }).is_err() {
        return Answer::failed("the agent is busy");
    }
    bell.ring();
    answer
        .recv_timeout(ANSWER)
        .unwrap_or_else(|_| Answer::failed("the agent does not answer"))
}

/// Asks the agent that listens at a path.
///
/// # Errors
/// Nobody listens, or the answer is none.
pub fn request(path: &Path, request: &Request) -> anyhow::Result<Answer> {
    let ask = || -> anyhow::Result<Answer> {
        let mut stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(ANSWER + PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        stream.write_all(&line)?;
        let mut answer = Vec::new();
        // An agent is believed, but not to any length.
        stream.take(16 << 20).read_to_end(&mut answer)?;
        Ok(serde_json::from_slice(&answer)?)
    };
    ask().with_context(|| format!("no answer at {}", path.display()))
}

#[cfg(test)]
mod tests;
