//! The check of one node's result, line by line: begin, every frame once and in order, end.

use crate::fleet::counts::Counts;
use crate::fleet::judging::hexadecimal;
use crate::fleet::line::{End, Line};
use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};

/// A result as far as it was read.
pub(super) struct Checked<'a> {
    node: &'a str,
    /// Whether every frame must have a line.
    all: bool,
    begun: bool,
    /// Frame that the next part begins with; `None` of a result in one piece.
    parts: Option<u64>,
    /// Whether the last part was there.
    last: bool,
    /// Frame that the next verdict has at least.
    next: u64,
    lines: u64,
    digest: Sha256,
    end: Option<End>,
}

impl<'a> Checked<'a> {
    pub(super) fn new(node: &'a str, all: bool) -> Self {
        Self {
            node,
            all,
            begun: false,
            parts: None,
            last: false,
            next: 0,
            lines: 0,
            digest: Sha256::new(),
            end: None,
        }
    }

    /// Takes the next line, without line break; whether it is merged.
    pub(super) fn take(&mut self, text: &str) -> anyhow::Result<bool> {
        ensure!(self.end.is_none(), "a line behind the end of the result");
        let line: Line<'_> = serde_json::from_str(text)?;
        ensure!(
            line.node == self.node,
            "it is of node {}, not {}",
            line.node,
            self.node
        );
        if line.recording.is_some() {
            return Ok(false);
        }
        if let Some(part) = line.part {
            let expected = self.parts.unwrap_or(0);
            ensure!(!self.last, "a part behind the last one");
            ensure!(
                part.from <= expected,
                "frames {expected} to {} were not judged",
                part.from.saturating_sub(1)
            );
            ensure!(
                part.from == expected && part.from <= part.to,
                "frame {} was judged twice",
                part.from
            );
            (self.parts, self.last) = (Some(part.to), part.last);
            return Ok(false);
        }
        if line.begin.is_some() {
            ensure!(!self.begun, "the result begins twice");
            self.begun = true;
            return Ok(true);
        }
        ensure!(self.begun, "the begin of the result is missing");
        if let Some(end) = line.end {
            self.close(end)?;
            return Ok(true);
        }
        let tick = line.tick.context("neither a verdict nor begin or end")?;
        ensure!(tick >= self.next, "frame {tick} comes twice");
        if self.all && tick > self.next {
            bail!("frames {} to {} have no verdict", self.next, tick - 1);
        }
        ensure!(
            self.parts.is_none_or(|to| tick < to),
            "frame {tick} is not of its part"
        );
        self.next = tick + 1;
        self.lines += 1;
        self.digest.update(text.as_bytes());
        self.digest.update(b"\n");
        Ok(true)
    }

    fn close(&mut self, end: End) -> anyhow::Result<()> {
        let frames = end.counts.frames;
        ensure!(
            self.next <= frames,
            "a verdict of frame {}, but only {frames} frames",
            self.next.saturating_sub(1)
        );
        ensure!(
            !self.all || self.next == frames,
            "frames {} to {} have no verdict",
            self.next,
            frames.saturating_sub(1)
        );
        ensure!(
            self.parts.is_none_or(|to| to == frames),
            "the parts have another number of frames than the end, {frames}"
        );
        ensure!(
            end.lines == self.lines,
            "{} verdicts, but the end says {}",
            self.lines,
            end.lines
        );
        ensure!(
            hexadecimal(&self.digest.clone().finalize()) == end.sha256,
            "the verdicts are not those that were written: their digest differs"
        );
        self.end = Some(end);
        Ok(())
    }

    /// Counters of the whole result.
    pub(super) fn finish(self) -> anyhow::Result<Counts> {
        let end = self.end.context("the result has no end")?;
        Ok(end.counts)
    }
}

#[cfg(test)]
mod tests;
