//! The progress of long work on standard error: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Time between two lines.
const PACE: Duration = Duration::from_secs(5);

/// Progress towards a number of steps, which may be unknown.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// Lines without a terminal.
    lines: Option<Mutex<Lines>>,
}

/// Progress in words.
#[derive(Debug)]
struct Lines {
    unit: Unit,
    start: Instant,
    last: Instant,
    pace: Duration,
    message: String,
}

/// The counted quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// A share of the whole.
    Share,
    /// Things of this name.
    Of(&'static str),
}

impl Progress {
    /// Through a whole of this size, or through an unknown one.
    pub fn through(size: Option<u64>) -> Self {
        let template = size.map(|_| "{wide_bar} {percent:>3} % {eta} left");
        Self::new(size, template, Unit::Share, PACE)
    }

    /// Over things of a name, with a message about the current one.
    pub fn over(count: u64, name: &'static str) -> Self {
        let template =
            format!("{{bar:30}} {{pos}}/{{len}} {name}, {{msg}}, {{elapsed}} gone, {{eta}} left");
        Self::new(Some(count), Some(&template), Unit::Of(name), PACE)
    }

    /// The same with a line for each of them.
    pub fn over_each(count: u64, name: &'static str) -> Self {
        let Self { bar, lines } = Self::over(count, name);
        let lines = lines.map(|lines| {
            let lines = lines.into_inner();
            let lines = lines.unwrap_or_else(std::sync::PoisonError::into_inner);
            let pace = Duration::ZERO;
            Mutex::new(Lines { pace, ..lines })
        });
        Self { bar, lines }
    }

    fn new(size: Option<u64>, template: Option<&str>, unit: Unit, pace: Duration) -> Self {
        if !io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::hidden());
            let lines = Some(Mutex::new(Lines::new(unit, pace)));
            return Self { bar, lines };
        }
        let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr());
        let style = template.map(ProgressStyle::with_template);
        let bar = match style {
            Some(Ok(style)) => bar.with_style(style),
            _ => bar,
        };
        Self { bar, lines: None }
    }

    /// Says what is going on.
    pub fn set_message(&self, message: &str) {
        self.bar.set_message(message.to_owned());
        if let Some(mut lines) = self.lock() {
            message.clone_into(&mut lines.message);
        }
    }

    /// Says how far it is.
    pub fn set_position(&self, position: u64) {
        self.bar.set_position(position);
        self.line();
    }

    /// One step is done.
    pub fn step(&self) {
        self.bar.inc(1);
        self.line();
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn lock(&self) -> Option<std::sync::MutexGuard<'_, Lines>> {
        let lines = self.lines.as_ref()?.lock();
        Some(lines.unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn line(&self) {
        let Some(mut lines) = self.lock() else { return };
        let now = Instant::now();
        if let Some(line) = lines.due(self.bar.position(), self.bar.length(), now) {
            // Nobody may be listening.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}

impl Lines {
    fn new(unit: Unit, pace: Duration) -> Self {
        let start = Instant::now();
        Self {
            unit,
            start,
            last: start,
            pace,
            message: String::new(),
        }
    }

    /// The line of this moment, if it is time for one.
    fn due(&mut self, position: u64, length: Option<u64>, now: Instant) -> Option<String> {
        // Work without a known end may go on for ever: its lines become rare.
        let pace = match length {
            Some(_) => self.pace,
            None => self.pace.max(self.last - self.start),
        };
        if now.duration_since(self.last) < pace {
            return None;
        }
        self.last = now;
        let gone = now.duration_since(self.start).as_secs();
        let mut line = match (self.unit, length) {
            (Unit::Share, Some(length)) => format!("{} %", 100 * position / length.max(1)),
            (Unit::Share, None) => position.to_string(),
            (Unit::Of(name), Some(length)) => format!("{position}/{length} {name}"),
            (Unit::Of(name), None) => format!("{position} {name}"),
        };
        if !self.message.is_empty() {
            let _ = write!(line, ", {}", self.message);
        }
        let _ = write!(line, ", {gone} s gone");
        if let Some(left) = length.and_then(|length| length.checked_sub(position)) {
            let left = gone as f64 / position.max(1) as f64 * left as f64;
            let _ = write!(line, ", {left:.0} s left");
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a line for every row, or none at all.
    #[test]
    fn a_line_is_due_when_its_pace_has_passed() {
        let mut lines = Lines::new(Unit::Of("series"), Duration::from_secs(5));
        let at = |start: Instant, seconds| start + Duration::from_secs(seconds);
        let start = lines.start;
        assert_eq!(lines.due(1, Some(4), at(start, 4)), None);
        lines.message = "api".to_owned();
        let line = lines.due(1, Some(4), at(start, 5));
        assert_eq!(
            line.as_deref(),
            Some("1/4 series, api, 5 s gone, 15 s left")
        );
        assert_eq!(lines.due(2, Some(4), at(start, 9)), None);
        let line = lines.due(2, Some(4), at(start, 10));
        assert_eq!(
            line.as_deref(),
            Some("2/4 series, api, 10 s gone, 10 s left")
        );
    }

    #[test]
    fn a_share_and_an_unknown_whole_are_spelled() {
        let mut lines = Lines::new(Unit::Share, Duration::ZERO);
        let now = lines.start + Duration::from_secs(3);
        let share = lines.due(300, Some(1_200), now);
        assert_eq!(share.as_deref(), Some("25 %, 3 s gone, 9 s left"));
        let mut lines = Lines::new(Unit::Share, Duration::from_secs(5));
        let start = lines.start;
        let mut unknown = |seconds| lines.due(300, None, start + Duration::from_secs(seconds));
        assert_eq!(unknown(5).as_deref(), Some("300, 5 s gone"));
        assert_eq!(unknown(9), None);
        assert!(unknown(10).is_some());
        assert_eq!(unknown(19), None);
        assert!(unknown(20).is_some());
    }
}
