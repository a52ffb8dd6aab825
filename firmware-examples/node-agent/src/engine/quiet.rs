//! Quiet: the daemon's place behind the applications of the node.
//!
//! Noise that an agent makes is the time it takes from a core of an application, and the moment it takes it.
//! `cpus` puts it beside the kernel's own work (a core that the scheduler leaves to the system), `idle` lets it
//! run only where nothing else wants to, `batch` and `nice` let it wait for the end of a time slice.

use super::settings::{Scheduler, Settings};
use anyhow::{Context as _, bail};
use rustix::process::setpriority_process;
use rustix::thread::{CpuSet, sched_setaffinity};
use std::io;

/// Goes there. Threads that start later follow.
///
/// # Errors
/// The kernel refuses; with the key.
pub fn settle(settings: &Settings) -> anyhow::Result<()> {
    if !settings.cpus.is_empty() {
        let mut set = CpuSet::new();
        for cpu in &settings.cpus {
            let cpu = usize::try_from(*cpu)?;
            if cpu >= CpuSet::MAX_CPU {
                bail!("agent.cpus: {cpu}: no such processor");
            }
            set.set(cpu);
        }
        sched_setaffinity(None, &set)
            .with_context(|| format!("agent.cpus = {:?}", settings.cpus))?;
    }
    if settings.nice != 0 {
        setpriority_process(None, settings.nice)
            .with_context(|| format!("agent.nice = {}", settings.nice))?;
    }
    let class = match settings.scheduler {
        Scheduler::Unchanged => return Ok(()),
        Scheduler::Batch => libc::SCHED_BATCH,
        Scheduler::Idle => libc::SCHED_IDLE,
    };
    schedule(class).with_context(|| format!("agent.scheduler = {:?}", settings.scheduler))
}

/// Puts this thread into a class without priorities.
fn schedule(class: libc::c_int) -> io::Result<()> {
    // SAFETY: all zeros is a value of this structure of integers.
    let mut parameter: libc::sched_param = unsafe { std::mem::zeroed() };
    parameter.sched_priority = 0;
    // SAFETY: the pointer is to a live structure that the call only reads; 0 is this thread.
    match unsafe { libc::sched_setscheduler(0, class, &raw const parameter) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::thread::sched_getaffinity;

    /// Broken if a setting were not handed to the kernel. In a thread of its own, which alone is moved.
    #[test]
    fn a_thread_goes_where_it_is_told() {
        let there = std::thread::spawn(|| {
            let cpus = vec![(0..1024).find(|cpu| {
                let set = sched_getaffinity(None).expect("the kernel knows");
                set.is_set(*cpu)
            })];
            let cpus: Vec<u32> = cpus.into_iter().flatten().map(|cpu| cpu as u32).collect();
            let scheduler = Scheduler::Idle;
            settle(&Settings {
                cpus: cpus.clone(),
                scheduler,
                ..Settings::default()
            })
            .expect("allowed");
            let set = sched_getaffinity(None).expect("the kernel knows");
            assert_eq!(set.count(), 1);
            // SAFETY: no pointers; 0 is this thread.
            assert_eq!(unsafe { libc::sched_getscheduler(0) }, libc::SCHED_IDLE);
        });
        there.join().expect("no assertion failed");
    }

    /// Broken if a processor that is not there were accepted in silence.
    #[test]
    fn a_processor_that_is_not_there_is_named() {
        let there = std::thread::spawn(|| {
            let settings = Settings {
                cpus: vec![1023],
                ..Settings::default()
            };
            let error = format!("{:#}", settle(&settings).expect_err("no such processor"));
            assert!(error.contains("agent.cpus = [1023]"), "{error}");
        });
        there.join().expect("no assertion failed");
    }
}
