//! The limit of open files: raised as far as the system lets anybody.

/// Files that sensors may keep open at most; a file costs the kernel about 1 KiB.
#[cfg(unix)]
const MOST: u64 = 32_768;
/// Files that are left to everything else: state, listeners, queues.
#[cfg(unix)]
const OTHERS: u64 = 128;

/// Raises the soft limit towards the hard one, and gives the number of files that may be kept open for sensors.
#[cfg(unix)]
pub(super) fn raise() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = MOST + OTHERS;
    let possible = limit.maximum.unwrap_or(wanted).min(wanted);
    if limit.current.is_some_and(|current| current < possible) {
        let before = limit.current.replace(possible);
        if setrlimit(Resource::Nofile, limit).is_err() {
            limit.current = before;
        }
    }
    let current = limit.current.unwrap_or(wanted).min(wanted);
    usize::try_from(current.saturating_sub(OTHERS)).unwrap_or(0)
}

/// A number that every system has.
#[cfg(not(unix))]
pub(super) fn raise() -> usize {
    256
}
