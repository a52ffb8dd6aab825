//! LiteRT from Python, one thread and XNNPACK: a child process that times itself.

use crate::Peer;
use anyhow::{Context, ensure};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct LiteRt {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl LiteRt {
    pub fn new(file: &Path, vector: &[i8]) -> anyhow::Result<Self> {
        let python = std::env::var_os("PEERS_PYTHON").unwrap_or("python3".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("litert_peer.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let to = child.stdin.take().context("stdin")?;
        let from = BufReader::new(child.stdout.take().context("stdout")?);
        let mut peer = Self { child, to, from };
        let numbers: Vec<String> = vector.iter().map(i8::to_string).collect();
        peer.ask(&format!("input {}", numbers.join(" ")))?;
        Ok(peer)
    }

    fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        writeln!(self.to, "{question}")?;
        let mut answer = String::new();
        self.from.read_line(&mut answer)?;
        ensure!(!answer.is_empty(), "litert_peer.py ended; see README.md");
        Ok(answer.trim().to_owned())
    }
}

impl Peer for LiteRt {
    fn time(&mut self, inferences: u32) -> anyhow::Result<f64> {
        let answer = self.ask(&format!("time {inferences}"))?;
        answer.parse().with_context(|| answer.clone())
    }

    fn outputs(&mut self) -> anyhow::Result<Option<Vec<i8>>> {
        let answer = self.ask("outputs")?;
        if answer == "f32" {
            return Ok(None);
        }
        let numbers = answer.split(' ').map(str::parse);
        Ok(Some(numbers.collect::<Result<_, _>>()?))
    }
}

impl Drop for LiteRt {
    fn drop(&mut self) {
        // It ends when its input does; a failure here is not worth a word.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
