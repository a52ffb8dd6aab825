//! Detectors that are programs of their own: rows in, scores out, both as text.

use super::Series;
use super::entrant::{ScoredRun, finite};
use anyhow::{Context, bail, ensure};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

/// A program that is started anew for every series. `docs/measured/bench.md` has the lines on its
/// streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// Its name in the tables.
    pub name: String,
    /// How the shell starts it.
    pub command: String,
}

/// Number of bytes shown of a program's error output, from its end.
const COMPLAINT: usize = 400;

impl External {
    /// Scores a series: the time of the program's start is part of its rows'.
    ///
    /// # Errors
    /// It cannot be started, fails, or does not answer with a score per row.
    pub fn judge(&self, series: &Series, seed: u64) -> anyhow::Result<ScoredRun> {
        let command = &self.command;
        let start = Instant::now();
        let mut child = Command::new("sh")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("sh")?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let mut stdin = stdin.context("no stream to write to")?;
        let (stdout, mut stderr) = (stdout.context("no output")?, stderr.context("no errors")?);
        let (answer, complaint) = std::thread::scope(|scope| {
            // A program that leaves early says so by its exit status.
            scope.spawn(move || {
                let _ = stdin.write_all(spelled(series, seed).as_bytes());
            });
            let complaint = scope.spawn(move || {
                let mut bytes = Vec::new();
                let _ = stderr.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            });
            let answer = answer(BufReader::new(stdout), series);
            (answer, complaint.join().unwrap_or_default())
        });
        let status = child.wait()?;
        if !status.success() {
            let complaint = complaint.trim();
            let from = complaint.len().saturating_sub(COMPLAINT);
            let end = complaint.get(from..).unwrap_or(complaint);
            bail!("`{command}`: {status}: {end}");
        }
        let (scores, state_bytes) = answer.with_context(|| format!("`{command}`"))?;
        Ok(ScoredRun {
            note: None,
            scores,
            own: None,
            state_bytes,
            fit_seconds: 0.0,
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}

/// The program's input.
fn spelled(series: &Series, seed: u64) -> String {
    let rows = series.forward_filled();
    let mut text = format!(
        "{{\"variables\":{},\"fit\":{},\"warm_up\":{},\"rows\":{},\"seed\":{seed}}}\n",
        series.variables.len(),
        series.fit,
        series.fit - series.begin,
        series.rows.len() - series.begin
    );
    for row in rows[..series.fit].iter().chain(&rows[series.begin..]) {
        for (k, x) in row.iter().enumerate() {
            let comma = if k > 0 { "," } else { "" };
            let _ = write!(text, "{comma}{x}");
        }
        text.push('\n');
    }
    text
}

/// Scores of the rows that count, and bytes of state.
fn answer(output: impl BufRead, series: &Series) -> anyhow::Result<(Vec<f64>, usize)> {
    let (mut scores, mut bytes) = (Vec::new(), None);
    for (k, line) in output.lines().enumerate() {
        let line = line?;
        if let Some(said) = line.trim().strip_prefix("state_bytes=") {
            let said = said.parse::<usize>();
            bytes = Some(said.with_context(|| format!("line {} of its output: {line}", k + 1))?);
        } else {
            let score = line.trim().parse::<f64>();
            scores.push(score.with_context(|| format!("line {} of its output: {line}", k + 1))?);
        }
    }
    let wanted = series.rows.len() - series.begin;
    ensure!(
        scores.len() == wanted,
        "{} scores for {wanted} rows",
        scores.len()
    );
    let bytes = bytes.context("no line `state_bytes=N` behind its scores")?;
    let counted = scores.drain(series.fit - series.begin..).map(finite);
    Ok((counted.collect(), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series() -> Series {
        Series {
            set: "x".to_owned(),
            name: "y".to_owned(),
            variables: vec!["a".to_owned(), "b".to_owned()],
            rows: (0..9)
                .map(|k| vec![if k == 1 { f32::NAN } else { k as f32 }, 0.5])
                .collect(),
            all_labels: vec![false; 9],
            fit: 5,
            begin: 3,
        }
    }

    fn judge(command: &str) -> anyhow::Result<ScoredRun> {
        let external = External {
            name: "test".to_owned(),
            command: command.to_owned(),
        };
        external.judge(&series(), 7)
    }

    /// Broken by a row that is left out, or whose score is given to another.
    #[test]
    fn a_program_reads_rows_and_writes_scores() {
        let text = spelled(&series(), 7);
        let first = "{\"variables\":2,\"fit\":5,\"warm_up\":2,\"rows\":6,\"seed\":7}\n0,0.5\n0,0.5\n2,0.5\n";
        assert!(text.starts_with(first), "{text}");
        let judged =
            judge("awk -F, 'NR > 6 { print $1 * 10 } END { print \"state_bytes=12\" }'").unwrap();
        assert_eq!(judged.scores, [50.0, 60.0, 70.0, 80.0]);
        assert_eq!(judged.state_bytes, 12);
    }

    #[test]
    fn a_program_that_fails_is_named_with_what_it_said() {
        let error = |command| format!("{:#}", judge(command).unwrap_err());
        let failed = error("echo no river here >&2; exit 3");
        assert!(failed.contains("exit status: 3: no river here"), "{failed}");
        assert!(error("cat > /dev/null; echo 1").ends_with("1 scores for 6 rows"));
        let scores = "awk 'NR > 6 { print 1 }'";
        assert!(error(scores).ends_with("no line `state_bytes=N` behind its scores"));
        let word = error("awk 'NR > 6 { print \"x\" }'");
        assert!(word.contains("line 1 of its output: x"), "{word}");
    }
}
