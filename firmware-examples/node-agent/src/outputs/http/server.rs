//! The listener's thread and those of its connections.

use super::Settings;
use super::answer;
use super::gate::Gate;
use super::timed::Timed;
use crate::status::Status;
use anyhow::ensure;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Stack of a thread: a handshake of TLS needs most of it.
pub const STACK: usize = 256 * 1024;

/// A listener: the last state, and who may see it.
pub struct Server {
    shown: Mutex<Shown>,
    pub gate: Gate,
    #[cfg(feature = "tls")]
    tls: Option<super::tls::Tls>,
    open: Mutex<Vec<Open>>,
    closed: Condvar,
    connections: usize,
    time: Duration,
    stale: Duration,
    ending: AtomicBool,
}

struct Shown {
    status: Option<Arc<Status>>,
    at: Instant,
}

/// A connection that is being served.
struct Open {
    number: u64,
    stream: TcpStream,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let both = settings.certificate_file.is_some() == settings.key_file.is_some();
        ensure!(both, "certificate_file and key_file: one without the other");
        #[cfg(not(feature = "tls"))]
        ensure!(
            settings.certificate_file.is_none(),
            "certificate_file: this program is without the feature tls"
        );
        Ok(Self {
            shown: Mutex::new(Shown {
                status: None,
                at: Instant::now(),
            }),
            gate: Gate::new(settings)?,
            #[cfg(feature = "tls")]
            tls: super::tls::Tls::new(settings)?,
            open: Mutex::default(),
            closed: Condvar::new(),
            connections: settings.connections,
            time: Duration::from_secs(settings.time_s),
            stale: Duration::from_secs(settings.stale_s),
            ending: AtomicBool::new(false),
        })
    }

    /// Takes a new state. Waits for no connection: they hold the lock only for as long as it takes to count.
    pub fn show(&self, status: &Arc<Status>) {
        *lock(&self.shown) = Shown {
            status: Some(Arc::clone(status)),
            at: Instant::now(),
        };
    }

    /// The last state, if there is one.
    pub fn status(&self) -> Option<Arc<Status>> {
        lock(&self.shown).status.clone()
    }

    /// Whether a state came lately. The first has as long to come.
    pub fn is_fresh(&self) -> bool {
        lock(&self.shown).at.elapsed() <= self.stale
    }

    /// Ends the connections, and the listener at its next one.
    pub fn end(&self) {
        self.ending.store(true, Ordering::SeqCst);
        for open in lock(&self.open).iter() {
            let _ = open.stream.shutdown(Shutdown::Both);
        }
    }

    /// Connections now.
    #[cfg(test)]
    pub fn places_taken(&self) -> usize {
        lock(&self.open).len()
    }

    /// Serves until the end.
    pub fn serve(self: &Arc<Self>, listener: &TcpListener) {
        for number in 0.. {
            let accepted = listener.accept();
            if self.ending.load(Ordering::SeqCst) {
                return;
            }
            match accepted {
                Ok((stream, _)) => self.admit(number, stream),
                // No descriptors left, most likely: others need them too.
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Serves a connection in a thread of its own. Where all places are taken the oldest loses its own: clients
    /// that hold connections open do not keep out the one that asks and goes.
    fn admit(self: &Arc<Self>, number: u64, stream: TcpStream) {
        let mut open = lock(&self.open);
        if open.len() >= self.connections {
            if let Some(oldest) = open.first() {
                let _ = oldest.stream.shutdown(Shutdown::Both);
            }
            let full = |open: &mut Vec<Open>| open.len() >= self.connections;
            let wait = Duration::from_secs(1);
            let waited = self.closed.wait_timeout_while(open, wait, full);
            let (places, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() {
                return;
            }
            open = places;
        }
        let Ok(kept) = stream.try_clone() else {
            return;
        };
        open.push(Open {
            number,
            stream: kept,
        });
        drop(open);
        let place = Place {
            server: Arc::clone(self),
            number,
        };
        // Without a thread the place is given back with the closure.
        let _ = thread::Builder::new()
            .name("http".into())
            .stack_size(STACK)
            .spawn(move || place.server.connection(stream));
    }

    /// Errors are the client's, and there is nobody to tell them to.
    fn connection(&self, stream: TcpStream) {
        let stream = Timed::new(stream, Instant::now() + self.time);
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let _ = tls.serve(stream, |stream| answer::serve(self, stream));
            return;
        }
        let mut stream = stream;
        if answer::serve(self, &mut stream).is_ok() {
            stream.close();
        }
    }
}

/// The place of a connection among those open, given back when it is dropped, also by a panic.
struct Place {
    server: Arc<Server>,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.server.open).retain(|open| open.number != self.number);
        self.server.closed.notify_all();
    }
}
