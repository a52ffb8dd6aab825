//! A fault as text: `at=500,for=20,by=4,channels=temp+fan`.

use anyhow::{Context, anyhow, bail, ensure};
use std::str::FromStr;

/// Keys of a fault, with their values.
pub const KEYS: &str = "\
at=ROW           first row, from 0
for=ROWS         duration in rows (a spike: 1)
channels=A+B     the variables; swap takes two
by=X             amount: spike, step, drift, noise in robust spreads of the channel
                 (1.4826 times the median distance from the median); dropout the share of
                 missing readings (1), scale the factor, lag the delay in rows, decorrelate
                 the number of past rows to reverse (256)
units=X          instead of by: spike, step, drift, noise in the channel's own unit";

/// The amount of a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// In robust spreads, or in the unit of the kind of fault.
    By(f32),
    /// In the channel's own unit.
    Units(f32),
}

/// A fault as written in a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// First row.
    pub at: u64,
    /// Rows; none for a spike's one.
    pub length: Option<u32>,
    /// The amount.
    pub amount: Option<Amount>,
    /// Names of variables.
    pub channels: Vec<String>,
}

fn parse<T: FromStr>(key: &str, value: &str, what: &str) -> anyhow::Result<T> {
    let parsed = value.parse();
    parsed.map_err(|_| anyhow!("{key}={value}: expected {what}"))
}

impl FromStr for Spec {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (mut at, mut length, mut amount, mut channels) = (None, None, None, Vec::new());
        let mut seen: Vec<&str> = Vec::new();
        for part in text.split(',') {
            let pair = part.split_once('=');
            let (key, value) = pair.with_context(|| format!("`{part}`: expected KEY=VALUE"))?;
            ensure!(!seen.contains(&key), "{key}: said twice");
            seen.push(key);
            match key {
                "at" => at = Some(parse(key, value, "a row, from 0")?),
                "for" => length = Some(parse(key, value, "a number of rows")?),
                "by" => amount = Some(Amount::By(parse(key, value, "a number")?)),
                "units" => amount = Some(Amount::Units(parse(key, value, "a number")?)),
                "channels" => channels = value.split('+').map(str::to_owned).collect(),
                _ => bail!("unknown key `{key}`: at, for, by, units, channels"),
            }
        }
        let both = seen.contains(&"by") && seen.contains(&"units");
        ensure!(!both, "by and units are two ways to say the same");
        ensure!(!channels.is_empty(), "channels=NAME is missing");
        Ok(Self {
            at: at.context("at=ROW is missing")?,
            length,
            amount,
            channels,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_sets_its_field_and_mistakes_are_named() {
        let spec: Spec = "at=500,for=20,by=-4,channels=a+b".parse().unwrap();
        let wanted = Spec {
            at: 500,
            length: Some(20),
            amount: Some(Amount::By(-4.0)),
            channels: vec!["a".to_owned(), "b".to_owned()],
        };
        assert_eq!(spec, wanted);
        let spec: Spec = "channels=a,units=2.5,at=0".parse().unwrap();
        assert_eq!(spec.amount, Some(Amount::Units(2.5)));
        for (text, reason) in [
            ("at=5", "channels=NAME is missing"),
            ("channels=a", "at=ROW is missing"),
            ("at=x,channels=a", "at=x: expected a row, from 0"),
            ("at=1,at=2,channels=a", "at: said twice"),
            (
                "at=1,by=1,units=1,channels=a",
                "by and units are two ways to say the same",
            ),
            ("at=1,until=2,channels=a", "unknown key `until`"),
            ("spike", "`spike`: expected KEY=VALUE"),
        ] {
            let said = text.parse::<Spec>().unwrap_err().to_string();
            assert!(said.starts_with(reason), "{text}: {said}");
        }
    }
}
