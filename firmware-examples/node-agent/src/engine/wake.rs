//! Waking up: at a time, for a signal or for a client, in one call of the kernel.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level::pipe};
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The end that sleeps, and the signals that came.
#[derive(Debug)]
pub struct Sleeper {
    bell: UnixStream,
    rope: UnixStream,
    stop: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
}

/// The end that wakes it up.
#[derive(Debug)]
pub struct Bell(UnixStream);

impl Bell {
    /// Wakes the sleeper up, now or at once when it falls asleep.
    pub fn ring(&self) {
        // A full pipe wakes it up as well.
        let _ = (&self.0).write(&[1]);
    }
}

impl Sleeper {
    /// Takes over SIGTERM and SIGINT (stop) and SIGHUP (reload) of the process.
    ///
    /// # Errors
    /// The kernel has no descriptors left.
    pub fn new() -> io::Result<Self> {
        let (bell, rope) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        rope.set_nonblocking(true)?;
        let (stop, reload) = (Arc::default(), Arc::default());
        for (signal, flag) in [(SIGTERM, &stop), (SIGINT, &stop), (SIGHUP, &reload)] {
            // First the flag, then the bell.
            flag::register(signal, Arc::clone(flag))?;
            pipe::register(signal, rope.try_clone()?)?;
        }
        Ok(Self {
            bell,
            rope,
            stop,
            reload,
        })
    }

    /// Another end that wakes this one up.
    ///
    /// # Errors
    /// The kernel has no descriptors left.
    pub fn bell(&self) -> io::Result<Bell> {
        Ok(Bell(self.rope.try_clone()?))
    }

    /// Sleeps until a time or a ring.
    pub fn sleep(&mut self, until: Instant) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        let left = Timespec {
            tv_sec: left.as_secs().try_into().unwrap_or(60),
            tv_nsec: left.subsec_nanos().into(),
        };
        let mut fds = [PollFd::new(&self.bell, PollFlags::IN)];
        // A signal that interrupts the call rings, too.
        if poll(&mut fds, Some(&left)).is_ok_and(|rung| rung > 0) {
            let mut rings = [0; 64];
            while self
                .bell
                .read(&mut rings)
                .is_ok_and(|read| read == rings.len())
            {}
        }
    }

    /// Whether the process is to stop.
    pub fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whether the configuration is to be read again; once for each request.
    pub fn reload(&self) -> bool {
        self.reload.swap(false, Ordering::Relaxed)
    }
}
