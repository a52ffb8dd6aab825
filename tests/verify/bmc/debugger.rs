//! The debugger that plays the clock: it stops the program at the entry of a function, and lets that return.
//!
//! The protocol is GDB's (GDB manual, appendix E): packets `$text#sum`, acknowledged by `+`.

use anyhow::{Context as _, bail, ensure};
use std::io::{BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Longest time between two stops.
const PATIENCE: Duration = Duration::from_secs(60);
/// Numbers of the registers for the result, for the return address and of the program counter.
const RESULT: u8 = 0;
const LINK: u8 = 14;
const COUNTER: u8 = 15;

/// A session with a breakpoint.
pub struct Debugger {
    stream: BufReader<UnixStream>,
    breakpoint: String,
}

impl Debugger {
    /// Sets a breakpoint in a program that is stopped at its start, and lets it run there.
    pub fn open(stream: UnixStream, address: u64) -> anyhow::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        let stream = BufReader::new(stream);
        let breakpoint = format!("1,{:x},2", address & !1);
        let mut debugger = Self { stream, breakpoint };
        // Single registers are there for a debugger that knows their names.
        debugger.ask("qXfer:features:read:target.xml:0,ffb")?;
        let set = format!("Z{}", debugger.breakpoint);
        debugger.demand(&set)?;
        debugger.go()?;
        Ok(debugger)
    }

    /// Runs to the breakpoint.
    pub fn go(&mut self) -> anyhow::Result<()> {
        let stop = self.ask("c")?;
        ensure!(stop.starts_with("T05"), "stopped with {stop:?}");
        Ok(())
    }

    /// The function returns 0 at once, and the program runs to its next call.
    pub fn skip(&mut self) -> anyhow::Result<()> {
        let back = self.ask(&format!("p{LINK:x}"))?;
        self.demand(&format!("P{RESULT:x}=00000000"))?;
        self.demand(&format!("P{COUNTER:x}={back}"))?;
        self.go()
    }

    /// Removes the breakpoint and lets the program go.
    pub fn release(&mut self) -> anyhow::Result<()> {
        let removed = format!("z{}", self.breakpoint);
        self.demand(&removed)?;
        self.demand("D")
    }

    fn demand(&mut self, packet: &str) -> anyhow::Result<()> {
        let answer = self.ask(packet)?;
        ensure!(answer == "OK", "{packet}: {answer:?}");
        Ok(())
    }

    fn ask(&mut self, packet: &str) -> anyhow::Result<String> {
        self.send(packet)?;
        self.answer().with_context(|| packet.to_owned())
    }

    fn send(&mut self, packet: &str) -> anyhow::Result<()> {
        let sum = packet.bytes().fold(0_u8, u8::wrapping_add);
        let framed = format!("${packet}#{sum:02x}");
        Ok(self.stream.get_mut().write_all(framed.as_bytes())?)
    }

    /// The next packet, acknowledged.
    fn answer(&mut self) -> anyhow::Result<String> {
        while self.byte()? != b'$' {}
        let mut text = Vec::new();
        loop {
            match self.byte()? {
                b'#' => break,
                byte => text.push(byte),
            }
        }
        let _sum = [self.byte()?, self.byte()?];
        self.stream.get_mut().write_all(b"+")?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn byte(&mut self) -> anyhow::Result<u8> {
        let mut byte = [0];
        match self.stream.read(&mut byte)? {
            0 => bail!("QEMU has closed the debugger's port"),
            _ => Ok(byte[0]),
        }
    }
}
