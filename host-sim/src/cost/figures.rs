//! Whole numbers by name, as text.

use anyhow::Context;
use std::collections::BTreeMap;
use std::fmt;

/// Figures, and facts about how they came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// `compiler`, `emulator`, `commit`.
    pub facts: BTreeMap<String, String>,
    /// By name, as `qemu-microbit.fast.quiet_frame`.
    pub numbers: BTreeMap<String, u64>,
}

impl Figures {
    /// Reads lines `name=number`, and `# name: text` for facts.
    ///
    /// # Errors
    /// A line is neither.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut figures = Self::default();
        for (k, line) in text.lines().enumerate() {
            if let Some(fact) = line.strip_prefix("# ") {
                if let Some((name, value)) = fact.split_once(": ") {
                    figures.facts.insert(name.to_owned(), value.to_owned());
                }
                continue;
            }
            let parsed = line
                .split_once('=')
                .and_then(|(name, value)| Some((name.to_owned(), value.parse().ok()?)));
            let (name, value) = parsed.with_context(|| format!("line {}: {line:?}", k + 1))?;
            figures.numbers.insert(name, value);
        }
        Ok(figures)
    }

    /// A number, or 0 if it was not measured.
    pub fn get(&self, name: &str) -> u64 {
        self.numbers.get(name).copied().unwrap_or_default()
    }

    /// Keeps the larger of the present value and this one.
    pub fn note(&mut self, name: String, value: u64) {
        let number = self.numbers.entry(name).or_default();
        *number = value.max(*number);
    }

    /// Differences from committed figures by more than `thousandths` (of stacks also by more than a
    /// few bytes), in words. Figures of the host's clock (`host.`) are not compared.
    pub fn differences(&self, committed: &Self, thousandths: u64) -> Vec<String> {
        let names = self.numbers.keys().chain(committed.numbers.keys());
        let mut names: Vec<&String> = names.filter(|name| !name.starts_with("host.")).collect();
        names.sort();
        names.dedup();
        let differing = names.into_iter().filter_map(|name| {
            match (self.numbers.get(name), committed.numbers.get(name)) {
                (Some(found), Some(want)) if close(*found, *want, thousandths) => None,
                (Some(found), Some(want))
                    if name.ends_with(".stack") && found.abs_diff(*want) <= STACK_SLACK =>
                {
                    None
                }
                (Some(found), Some(want)) => Some(format!("{name}: {found}, committed {want}")),
                (Some(found), None) => Some(format!("{name}: {found}, not committed")),
                (None, want) => Some(format!("{name}: not measured, committed {want:?}")),
            }
        });
        differing.collect()
    }
}

/// Frames are aligned to 8 bytes: a few more or less are a matter of register allocation.
pub const STACK_SLACK: u64 = 32;

/// Whether two numbers differ by at most this many thousandths of the second.
pub fn close(found: u64, want: u64, thousandths: u64) -> bool {
    found.abs_diff(want) * 1000 <= want * thousandths
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.facts {
            writeln!(f, "# {name}: {value}")?;
        }
        for (name, value) in &self.numbers {
            writeln!(f, "{name}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_back_as_written_and_differences_are_named() {
        let text = "# compiler: rustc 1.95.0\na.quiet=3587\nhost.ns=3000\n";
        let mut figures = Figures::parse(text).unwrap();
        assert_eq!(figures.to_string(), text);
        let committed = figures.clone();
        figures.numbers.insert("host.ns".to_owned(), 9);
        assert!(figures.differences(&committed, 0).is_empty());
        figures.note("a.quiet".to_owned(), 3600);
        assert!(figures.differences(&committed, 5).is_empty());
        assert_eq!(
            figures.differences(&committed, 0),
            ["a.quiet: 3600, committed 3587"]
        );
        figures.numbers.insert("b".to_owned(), 1);
        figures.numbers.remove("a.quiet");
        assert_eq!(figures.differences(&committed, 500).len(), 2);
        assert!(Figures::parse("a=b").is_err());
        assert!(close(0, 0, 0) && !close(1, 0, 9) && close(102, 100, 20) && !close(97, 100, 20));
        let stack = |bytes| Figures::parse(&format!("b.stack={bytes}")).unwrap();
        assert!(stack(632).differences(&stack(600), 5).is_empty());
        assert_eq!(stack(640).differences(&stack(600), 5).len(), 1);
    }
}
