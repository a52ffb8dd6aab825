//! The emulated controller: QEMU, its console, and the sensors on its bus.

use super::debian::System;
use super::plant::SENSORS;
use crate::bmc::qmp::Qmp;
use anyhow::{Context as _, ensure};
use bellwether_sim::board::emulator;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The bus of the sensors.
pub const BUS: u8 = 0;
/// The address of the first sensor; the others follow it.
pub const ADDRESS: u8 = 0x48;

/// A running controller.
pub struct Machine {
    child: Child,
    qmp: Qmp,
    console: PathBuf,
    seen: usize,
}

impl Machine {
    /// Starts a system with an initramfs in a folder.
    pub fn start(system: &System, folder: &Path) -> anyhow::Result<Self> {
        let console = folder.join("console");
        let _ = fs::remove_file(&console);
        let mut child = emulator::spawn(command(system, folder))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.context("QEMU's standard streams")?;
        Ok(Self {
            qmp: Qmp::open(input, output)?,
            child,
            console,
            seen: 0,
        })
    }

    /// Puts temperatures into the sensors, in m°C.
    pub fn set(&mut self, temperatures: &[i64; SENSORS.len()]) -> anyhow::Result<()> {
        for (name, temperature) in SENSORS.iter().zip(temperatures) {
            let path = format!("/machine/peripheral/{name}");
            self.qmp.set(&path, "temperature", *temperature)?;
        }
        Ok(())
    }

    /// The complete lines that the console has said since the last call.
    pub fn said(&mut self) -> anyhow::Result<Vec<String>> {
        let bytes = match fs::read(&self.console) {
            Ok(bytes) => bytes,
            // QEMU creates it at its start.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let new = bytes.get(self.seen..).unwrap_or_default();
        let complete = new
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        self.seen += complete;
        let text = String::from_utf8_lossy(&new[..complete]);
        Ok(text
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect())
    }

    /// Ends QEMU.
    pub fn quit(mut self) -> anyhow::Result<()> {
        self.qmp.execute("quit", json!({}))?;
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "QEMU ended with {status}");
                return Ok(());
            }
            ensure!(
                start.elapsed() < Duration::from_secs(20),
                "QEMU does not end"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(system: &System, folder: &Path) -> Command {
    let mut command = Command::new(emulator::QEMU);
    command
        .current_dir(folder)
        .args(["-machine", "ast2600-evb", "-m", "1G", "-no-reboot"])
        .args(["-display", "none", "-monitor", "none", "-qmp", "stdio"])
        .args([
            "-net",
            "none",
            "-serial",
            "file:console",
            "-initrd",
            "initramfs",
        ])
        .args(["-append", "console=ttyS4,115200n8 quiet rdinit=/init"])
        .arg("-kernel")
        .arg(&system.kernel)
        .arg("-dtb")
        .arg(&system.tree);
    for (address, name) in (ADDRESS..).zip(SENSORS) {
        let what = format!("tmp105,bus=aspeed.i2c.bus.{BUS},address={address},id={name}");
        command.args(["-device", &what]);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    // It warns of network cards without a network.
    command.stderr(Stdio::null());
    command
}
