//! Stage `agent-bmc`: the node agent on an emulated management controller, under Debian's kernel. It reads
//! thermometers over the emulated I2C through hwmon. Temperatures come over QMP.
//!
//! The controller runs by its own clock, so that no two runs see the same samples. The fault is large enough for
//! any of them.

mod debian;
mod initramfs;
mod machine;
pub mod plant;

use crate::agent::{ARMV7, absent};
use crate::stages::{Context, Outcome, folder, required};
use anyhow::{Context as _, bail, ensure};
use debian::System;
use initramfs::Initramfs;
use machine::{ADDRESS, BUS, Machine};
use plant::{FAULTY, SENSORS, temperatures};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// The time between two changes of the temperatures.
const STEP: Duration = Duration::from_millis(500);
/// The time to learn and then to be quiet, from the agent's first line.
const HEALTHY: Duration = Duration::from_secs(65);
/// The longest time from the fault to its event.
const DELAY: Duration = Duration::from_secs(40);
/// The longest time from the end of the fault to that of its event.
const CLEARED: Duration = Duration::from_secs(180);
/// The longest time for the kernel's start.
const BOOT: Duration = Duration::from_secs(90);
/// What init says before it starts the agent.
const READY: &str = "controller: sensors ready";

/// The configuration: frames of two seconds, so that learning takes less than a minute.
pub const CONFIG: &str = include_str!("agent_bmc/agent.toml");

/// Learning, quiet, a fault, its event and its end.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    let needed = [ARMV7.linker, "qemu-system-arm", "apt-get", "dpkg-deb"];
    if let Some(why) = absent(&needed)? {
        return Ok(Outcome::Skipped(why));
    }
    let folder = folder("agent-bmc")?;
    let system = match debian::system(&folder.join("debian")) {
        Ok(system) => system,
        Err(error) if !required() => return Ok(Outcome::Skipped(format!("{error:#}"))),
        Err(error) => return Err(error),
    };
    let agent = std::fs::read(ARMV7.program()?)?;
    std::fs::write(folder.join("initramfs"), initramfs(&system, &agent))?;
    watch(Machine::start(&system, &folder)?, &folder)?;
    Ok(Outcome::Done)
}

/// A system that loads the drivers, announces the sensors to them and starts the agent.
fn initramfs(system: &System, agent: &[u8]) -> Vec<u8> {
    let mut init = String::from(
        "#!/bin/busybox sh\n\
         b=/bin/busybox\n\
         $b mount -t proc proc /proc\n\
         $b mount -t sysfs sysfs /sys\n\
         $b mount -t devtmpfs dev /dev\n\
         $b mount -t tmpfs tmpfs /tmp\n",
    );
    for (name, _) in &system.modules {
        let _ = writeln!(init, "$b insmod /modules/{name}");
    }
    for (address, _) in (ADDRESS..).zip(SENSORS) {
        let _ = writeln!(
            init,
            "echo tmp105 {address:#x} > /sys/bus/i2c/devices/i2c-{BUS}/new_device"
        );
    }
    let _ = write!(
        init,
        "$b chmod 600 /agent.toml\n\
         echo '{READY}'\n\
         /bellwether-agent run --config /agent.toml\n\
         echo \"controller: the agent ended with $?\"\n\
         $b sleep 1000\n"
    );
    let mut archive = Initramfs::default();
    for folder in ["bin", "dev", "modules", "proc", "sys", "tmp"] {
        archive.folder(folder);
    }
    archive.file("bin/busybox", &system.busybox);
    for (name, bytes) in &system.modules {
        archive.file(&format!("modules/{name}"), bytes);
    }
    archive.file("bellwether-agent", agent);
    archive.file("agent.toml", CONFIG.as_bytes());
    archive.file("init", init.as_bytes());
    archive.finish()
}

/// The state of the plant over the time of the host.
struct Plant {
    machine: Machine,
    step: u64,
    faulty: bool,
}

impl Plant {
    /// Lets time pass until a line suits, or for as long; returns the line.
    fn until(
        &mut self,
        most: Duration,
        mut suits: impl FnMut(&str) -> anyhow::Result<bool>,
    ) -> anyhow::Result<Option<String>> {
        let start = Instant::now();
        let mut next = start;
        while start.elapsed() < most {
            if Instant::now() >= next {
                self.machine.set(&temperatures(self.step, self.faulty))?;
                // What is late is not made up for: several steps at once would be a jump.
                (self.step, next) = (self.step + 1, Instant::now() + STEP);
            }
            for line in self.machine.said()? {
                ensure!(!line.contains("the agent ended"), "{line}");
                if suits(&line)? {
                    return Ok(Some(line));
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(None)
    }
}

fn watch(machine: Machine, folder: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut plant = Plant {
        machine,
        step: 0,
        faulty: false,
    };
    let console = folder.join("console");
    let ready = plant.until(BOOT, |line| Ok(line.contains(READY)))?;
    ready.with_context(|| format!("the system does not start; see {}", console.display()))?;
    println!(
        "the agent starts after {:.1} s",
        start.elapsed().as_secs_f32()
    );

    let early = plant.until(HEALTHY, |line| Ok(said(line).is_some()))?;
    ensure!(
        early.is_none(),
        "an event without a fault: {}",
        early.unwrap_or_default()
    );
    println!(
        "no event in {} s of learning and watching",
        HEALTHY.as_secs()
    );

    plant.faulty = true;
    let injected = Instant::now();
    let line = plant.until(DELAY, |line| Ok(said(line).is_some()))?;
    let delay = injected.elapsed().as_secs_f32();
    let Some(event) = line.as_deref().and_then(said) else {
        bail!(
            "no event within {} s of the fault; see {}",
            DELAY.as_secs(),
            console.display()
        );
    };
    println!(
        "{} 12 °C warmer: event after {delay:.1} s: {}",
        SENSORS[FAULTY], event.sentence
    );
    ensure!(event.phase == "Start", "it does not start: {}", event.phase);
    // The most telling channel is the first of the sentence.
    let first = event.sentence.find("°C").unwrap_or(event.sentence.len());
    let address = format!("{BUS}-{:04x}", usize::from(ADDRESS) + FAULTY);
    ensure!(
        event.sentence[..first].contains(&address),
        "{address} is not the first that it blames"
    );

    plant.faulty = false;
    let line = plant.until(CLEARED, |line| {
        Ok(said(line).is_some_and(|event| event.phase == "Clear"))
    })?;
    let line = line.context("the event does not end with the fault")?;
    println!("the fault is over: {line}");
    plant.machine.quit()
}

/// An event on the console, as the agent prints it: phase, number, severity, kind, group, sentence.
struct Said<'a> {
    phase: &'a str,
    sentence: &'a str,
}

fn said(line: &str) -> Option<Said<'_>> {
    let (phase, rest) = line.split_once(' ')?;
    let (number, _) = rest.split_once(' ')?;
    let (_, sentence) = rest.split_once(": ")?;
    let known = ["Start", "Update", "Clear"].contains(&phase);
    (known && number.parse::<u64>().is_ok()).then_some(Said { phase, sentence })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if lines of the kernel or of the agent's talk count as events, or events do not.
    #[test]
    fn events_are_told_from_other_lines() {
        let line = "Start 3 Critical Anomaly hwmon: hwmon does not behave as in the past (a: 1 °C)";
        let event = said(line).expect("an event");
        assert_eq!(event.phase, "Start");
        assert!(event.sentence.starts_with("hwmon does not"));
        for other in [
            "[    0.155721] /cpus/cpu@f00 missing clock-frequency property",
            "bellwether-agent: node: 5 channels in 1 groups: it never acts",
            "Start the agent: now",
            "",
        ] {
            assert!(said(other).is_none(), "{other}");
        }
    }
}
