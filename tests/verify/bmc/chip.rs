//! The emulated board.

use super::debugger::Debugger;
use super::heard::Heard;
use super::plant::Row;
use super::qmp::Qmp;
use anyhow::{Context as _, ensure};
use bellwether_sim::board::{AST1030, emulator};
use object::{Object, ObjectSymbol};
use serde_json::json;
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The function in which the program waits for its next row, as part of its mangled name.
const WAIT: &str = "6Period4wait";
const HOT_SWAP: &str = "/machine/peripheral/hot_swap";
const EEPROM_BYTES: usize = 0x1_0000;
/// Time for QEMU to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A property of the hot-swap controller, and its value in a row.
type Property = (&'static str, fn(&Row) -> i64);
const PROPERTIES: [Property; 4] = [
    ("vin", |row| row.supply),
    ("vout", |row| row.output),
    ("iout", |row| row.current),
    ("pin", |row| row.power),
];

/// Parts on the board's buses beside those that it has built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// ADM1272, bus 0, address 0x10.
    HotSwap,
    /// AT24C512, bus 2, address 0x50, over a file.
    Eeprom,
}

/// A running board, held where the program waits for its next row.
pub struct Chip {
    child: Child,
    qmp: Qmp,
    debugger: Debugger,
    folder: PathBuf,
    thermometer: String,
    parts: Vec<Part>,
    last: Option<Row>,
}

impl Chip {
    /// Starts a program and runs it to its first wait.
    pub fn start(program: &Path, folder: &Path, parts: &[Part]) -> anyhow::Result<Self> {
        let port = folder.join("gdb");
        let _ = fs::remove_file(&port);
        fs::write(folder.join("eeprom"), vec![0xFF; EEPROM_BYTES])?;
        let mut child = emulator::spawn(command(program, folder, parts))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.context("QEMU's standard streams")?;
        let mut qmp = Qmp::open(input, output)?;
        let thermometer = qmp.find("tmp105")?;
        let debugger = Debugger::open(connected(&port)?, address_of(program)?)?;
        Ok(Self {
            child,
            qmp,
            debugger,
            folder: folder.to_owned(),
            thermometer,
            parts: parts.to_owned(),
            last: None,
        })
    }

    /// Puts values into the sensors and lets the program take its row.
    pub fn row(&mut self, row: &Row) -> anyhow::Result<()> {
        let last = self.last.replace(*row);
        let changed = |of: fn(&Row) -> i64| {
            let value = of(row);
            (last.as_ref().map(of) != Some(value)).then_some(value)
        };
        if let Some(value) = changed(|row| row.inlet) {
            self.qmp.set(&self.thermometer, "temperature", value)?;
        }
        if self.parts.contains(&Part::HotSwap) {
            for (property, of) in PROPERTIES {
                if let Some(value) = changed(of) {
                    self.qmp.set(HOT_SWAP, property, value)?;
                }
            }
        }
        self.debugger.skip()
    }

    /// Resets the system and runs to the first wait. The hot-swap controller forgets its values.
    pub fn reset(&mut self) -> anyhow::Result<()> {
        self.qmp.execute("system_reset", json!({}))?;
        self.last = None;
        self.debugger.go()
    }

    /// Lets the program run by its own clock.
    pub fn release(&mut self) -> anyhow::Result<()> {
        self.debugger.release()
    }

    /// Everything that was said since the last start.
    pub fn heard(&self) -> anyhow::Result<Heard> {
        let said = |port: &str| fs::read(self.folder.join(port));
        Heard::decode(&said("uart5")?, &said("uart1")?)
    }

    /// Ends QEMU.
    pub fn quit(mut self) -> anyhow::Result<()> {
        self.qmp.execute("quit", json!({}))?;
        let status = self.child.wait()?;
        ensure!(status.success(), "QEMU ended with {status}");
        Ok(())
    }
}

impl Drop for Chip {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(program: &Path, folder: &Path, parts: &[Part]) -> Command {
    let mut command = Command::new(emulator::QEMU);
    command
        .current_dir(folder)
        .args(["-machine", AST1030.machine])
        .args(["-display", "none", "-monitor", "none", "-qmp", "stdio"])
        .args(["-serial", "file:uart5", "-serial", "file:uart1"])
        .args(["-chardev", "socket,id=gdb,path=gdb,server=on,wait=off"])
        .args(["-gdb", "chardev:gdb", "-S"]);
    for part in parts {
        match part {
            Part::HotSwap => command.args([
                "-device",
                "adm1272,bus=aspeed.i2c.bus.0,address=0x10,id=hot_swap",
            ]),
            Part::Eeprom => command
                .args([
                    "-drive",
                    "if=none,id=eeprom,file=eeprom,format=raw,cache=unsafe",
                ])
                .args([
                    "-device",
                    "at24c-eeprom,bus=aspeed.i2c.bus.2,address=0x50,rom-size=65536,drive=eeprom",
                ]),
        };
    }
    command.arg("-kernel").arg(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The debugger's port, once it is there.
fn connected(port: &Path) -> anyhow::Result<UnixStream> {
    let start = Instant::now();
    loop {
        match UnixStream::connect(port) {
            Ok(stream) => return Ok(stream),
            Err(error) => ensure!(start.elapsed() < PATIENCE, "{}: {error}", port.display()),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The address of the function that waits.
fn address_of(program: &Path) -> anyhow::Result<u64> {
    let bytes = fs::read(program)?;
    let file = object::File::parse(&*bytes)?;
    let waits = |symbol: &object::Symbol<'_, '_>| symbol.name().is_ok_and(|of| of.contains(WAIT));
    let symbol = file.symbols().find(waits);
    Ok(symbol
        .with_context(|| format!("no symbol {WAIT}"))?
        .address())
}
