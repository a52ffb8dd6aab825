//! QEMU's control protocol, over the standard streams of QEMU.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};

/// A session.
pub struct Qmp {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Qmp {
    /// Takes the greeting and starts a session.
    pub fn open(input: ChildStdin, output: ChildStdout) -> anyhow::Result<Self> {
        let output = BufReader::new(output);
        let mut qmp = Self { input, output };
        qmp.line()?;
        qmp.execute("qmp_capabilities", json!({}))?;
        Ok(qmp)
    }

    /// Executes a command and returns its answer.
    ///
    /// # Errors
    /// QEMU refuses the command, or is gone.
    pub fn execute(&mut self, command: &str, arguments: Value) -> anyhow::Result<Value> {
        let request = json!({ "execute": command, "arguments": arguments });
        // In one piece: QEMU ends with the closing brace of `quit`, and takes no more.
        self.input.write_all(format!("{request}\n").as_bytes())?;
        loop {
            let mut answer = self.line()?;
            if let Some(error) = answer.get("error") {
                bail!("{request}: {error}");
            }
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
        }
    }

    /// Sets a property of a device.
    pub fn set(&mut self, path: &str, property: &str, value: i64) -> anyhow::Result<()> {
        let arguments = json!({ "path": path, "property": property, "value": value });
        self.execute("qom-set", arguments).map(drop)
    }

    /// The path of the first device of a type among those that the board has built in: the number in it differs
    /// between versions of QEMU.
    pub fn find(&mut self, kind: &str) -> anyhow::Result<String> {
        const PARENT: &str = "/machine/unattached";
        let children = self.execute("qom-list", json!({ "path": PARENT }))?;
        let of_kind = |child: &&Value| child["type"] == format!("child<{kind}>");
        let child = children.as_array().context("no list")?.iter().find(of_kind);
        let name = child.and_then(|child| child["name"].as_str());
        let name = name.with_context(|| format!("the board has no {kind}"))?;
        Ok(format!("{PARENT}/{name}"))
    }

    fn line(&mut self) -> anyhow::Result<Value> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("QEMU has ended");
        }
        Ok(serde_json::from_str(&line)?)
    }
}
