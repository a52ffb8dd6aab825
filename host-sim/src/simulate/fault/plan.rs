//! The way from a fault's text, or a random draw, to injections.

use super::profile::Channel;
use super::spec::{Amount, Spec};
use super::{DEPTH, FaultKind};
use crate::random::Random;
use anyhow::{Context, bail, ensure};
use bellwether::Tick;
use bellwether_hal::source::inject::{Injection, Kind};

/// Default number of past rows for a decorrelation.
const PAST: f32 = 256.0;

/// A fault as it is done and labelled.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its form.
    pub kind: FaultKind,
    /// First row.
    pub first: u64,
    /// Last row, if the recording is as long.
    pub last: u64,
    /// Its variables.
    pub channels: Vec<usize>,
    /// The injections: one for each channel if amounts differ.
    pub injections: Vec<Injection>,
}

impl Planned {
    /// A fault in a recording of these variables. `usual` has their usual values, if they are known
    /// before the injection.
    ///
    /// # Errors
    /// The fault lacks something, or is not of this recording.
    pub fn new(
        kind: FaultKind,
        spec: &Spec,
        names: &[String],
        usual: Option<&[Channel]>,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let place = |wanted: &String| {
            let place = names.iter().position(|name| name == wanted);
            place
                .with_context(|| format!("no variable `{wanted}`; there are: {}", names.join(", ")))
        };
        let channels = spec.channels.iter().map(place);
        let channels = channels.collect::<anyhow::Result<Vec<usize>>>()?;
        let length = match (spec.length, kind) {
            (Some(length), _) => length,
            (None, FaultKind::Spike) => 1,
            (None, _) => bail!("for=ROWS is missing"),
        };
        ensure!(length > 0, "for=0: nothing would happen");
        let two = kind != FaultKind::Swap || channels.len() == 2;
        ensure!(two, "swap takes two channels, channels=A+B");
        let injection = |kind, channels: &[usize]| Injection {
            kind,
            first: Tick(spec.at),
            length,
            channels: channels.iter().copied().collect(),
            seed,
        };
        let each = |kind: fn(f32) -> Kind| {
            let injections = channels.iter().map(|channel| {
                let units = units(spec, *channel, names, usual)?;
                Ok(injection(kind(units), &[*channel]))
            });
            injections.collect::<anyhow::Result<Vec<_>>>()
        };
        let all = |kind| Ok(vec![injection(kind, &channels)]);
        let injections = match kind {
            FaultKind::Spike => each(Kind::Spike),
            FaultKind::Step => each(Kind::Step),
            FaultKind::Drift => each(Kind::Drift),
            FaultKind::Noise => each(Kind::Noise),
            FaultKind::Stuck => all(Kind::Stuck),
            FaultKind::Swap => all(Kind::Swap),
            FaultKind::Dropout => all(Kind::Dropout(number(spec, Some(1.0))?)),
            FaultKind::Scale => all(Kind::Scale(number(spec, None)?)),
            FaultKind::Lag => all(Kind::Lag(frames(number(spec, None)?, DEPTH - 1)?)),
            FaultKind::Decorrelate => {
                let past = frames(number(spec, Some(PAST))?, DEPTH)?;
                all(Kind::Decorrelate(past))
            }
        };
        Ok(Self {
            kind,
            first: spec.at,
            last: spec.at + u64::from(length) - 1,
            channels: channels.clone(),
            injections: injections?,
        })
    }

    /// Whether the fault is present in a row.
    pub fn covers(&self, row: u64) -> bool {
        (self.first..=self.last).contains(&row)
    }
}

/// The amount, in the channel's own unit.
fn units(
    spec: &Spec,
    channel: usize,
    names: &[String],
    usual: Option<&[Channel]>,
) -> anyhow::Result<f32> {
    match spec.amount.context("by=SPREADS or units=X is missing")? {
        Amount::Units(x) => Ok(x),
        Amount::By(x) => {
            let usual = usual.context(
                "standard input cannot be read twice, so spreads are not known: say units=X",
            )?;
            let spread = usual.get(channel).map_or(0.0, |channel| channel.spread);
            let name = names.get(channel).map_or("", String::as_str);
            ensure!(
                spread > 0.0,
                "`{name}` does not vary, so it has no spread: say units=X"
            );
            Ok((f64::from(x) * spread) as f32)
        }
    }
}

fn number(spec: &Spec, default: Option<f32>) -> anyhow::Result<f32> {
    match spec.amount {
        Some(Amount::By(x)) => Ok(x),
        Some(Amount::Units(_)) => bail!("units does not apply: say by"),
        None => default.context("by=X is missing"),
    }
}

fn frames(x: f32, most: usize) -> anyhow::Result<u16> {
    let whole = x.fract() == 0.0 && (1.0..=most as f32).contains(&x);
    ensure!(
        whole,
        "by={x}: expected a whole number of rows from 1 to {most}"
    );
    Ok(x as u16)
}

/// `count` faults of all kinds, spread over the last four fifths of the rows. They do not overlap,
/// and channels that do not vary have none.
///
/// # Errors
/// There are too few rows, or no channel varies.
pub fn drawn(
    count: u64,
    rows: u64,
    names: &[String],
    usual: &[Channel],
    seed: u64,
) -> anyhow::Result<Vec<Planned>> {
    let varying: Vec<&String> = names
        .iter()
        .zip(usual)
        .filter(|(_, channel)| channel.spread > 0.0)
        .map(|(name, _)| name)
        .collect();
    ensure!(!varying.is_empty(), "no variable varies");
    let begin = rows / 5;
    let room = (rows - begin) / count.max(1);
    ensure!(
        room >= 2 * SHORTEST,
        "{rows} rows have no room for {count} faults: {} rows each are needed after the first {begin}",
        2 * SHORTEST
    );
    let mut random = Random::new(seed);
    let fault = |k| {
        let random = &mut random;
        let kind = FaultKind::ALL[random.below(FaultKind::ALL.len() as u64) as usize];
        // Two need not be two: then one is swapped with itself, so it is something else.
        let kind = if kind == FaultKind::Swap && varying.len() < 2 {
            FaultKind::Stuck
        } else {
            kind
        };
        let length = match kind {
            FaultKind::Spike => 1 + random.below(3),
            // Short ones are more frequent.
            _ => {
                SHORTEST
                    + (random.unit().powi(2) * ((room / 2).min(LONGEST) - SHORTEST) as f64) as u64
            }
        };
        let mut picked = vec![random.below(varying.len() as u64) as usize];
        if kind == FaultKind::Swap || (varying.len() > 1 && random.below(3) == 0) {
            let other = random.below(varying.len() as u64 - 1) as usize;
            picked.push(if other >= picked[0] { other + 1 } else { other });
        }
        let sign = if random.below(2) == 0 { 1.0 } else { -1.0 };
        let by = match kind {
            FaultKind::Spike | FaultKind::Step | FaultKind::Drift => {
                sign * random.between(2.0, 10.0)
            }
            FaultKind::Noise => random.between(1.0, 5.0),
            FaultKind::Dropout => random.between(0.5, 1.0),
            FaultKind::Scale => random.between(1.2, 3.0),
            FaultKind::Lag => 5.0 + random.below(60) as f64,
            _ => 64.0 + random.below(400) as f64,
        };
        let spec = Spec {
            at: begin + k * room + random.below(room - length),
            length: u32::try_from(length).ok(),
            amount: Some(Amount::By(by as f32)),
            channels: picked.iter().map(|k| varying[*k].clone()).collect(),
        };
        Planned::new(kind, &spec, names, Some(usual), random.bits())
    };
    (0..count).map(fault).collect()
}

/// Rows of a drawn fault, unless it is a spike.
const SHORTEST: u64 = 10;
const LONGEST: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|k| format!("v{k}")).collect()
    }

    fn usual(spreads: &[f64]) -> Vec<Channel> {
        let channel = |spread: &f64| Channel {
            median: 0.0,
            spread: *spread,
        };
        spreads.iter().map(channel).collect()
    }

    #[test]
    fn amounts_are_in_each_channels_own_spread() {
        let spec = "at=5,for=3,by=4,channels=v0+v2".parse().unwrap();
        let usual = usual(&[2.0, 1.0, 0.5]);
        let plan = Planned::new(FaultKind::Step, &spec, &names(3), Some(&usual), 1).unwrap();
        let kinds = plan.injections.iter().map(|i| i.kind);
        assert!(kinds.eq([Kind::Step(8.0), Kind::Step(2.0)]));
        assert_eq!((plan.first, plan.last, plan.covers(8)), (5, 7, false));
    }

    #[test]
    fn what_a_fault_lacks_is_said() {
        for (kind, text, reason) in [
            (
                FaultKind::Step,
                "at=5,by=4,channels=v0",
                "for=ROWS is missing",
            ),
            (
                FaultKind::Step,
                "at=5,for=2,channels=v0",
                "by=SPREADS or units=X is missing",
            ),
            (
                FaultKind::Step,
                "at=5,for=2,by=1,channels=v1",
                "`v1` does not vary",
            ),
            (
                FaultKind::Step,
                "at=5,for=2,by=1,channels=x",
                "no variable `x`; there are: v0, v1",
            ),
            (
                FaultKind::Step,
                "at=5,for=0,by=1,channels=v0",
                "for=0: nothing would happen",
            ),
            (
                FaultKind::Swap,
                "at=5,for=2,channels=v0",
                "swap takes two channels",
            ),
            (
                FaultKind::Lag,
                "at=5,for=2,by=2000,channels=v0",
                "by=2000: expected a whole number",
            ),
            (
                FaultKind::Scale,
                "at=5,for=2,units=2,channels=v0",
                "units does not apply: say by",
            ),
        ] {
            let spec = text.parse().unwrap();
            let plan = Planned::new(kind, &spec, &names(2), Some(&usual(&[1.0, 0.0])), 1);
            let said = plan.unwrap_err().to_string();
            assert!(said.starts_with(reason), "{text}: {said}");
        }
        let spec = "at=5,for=2,by=1,channels=v0".parse().unwrap();
        let said = Planned::new(FaultKind::Step, &spec, &names(1), None, 1).unwrap_err();
        assert!(said.to_string().starts_with("standard input"), "{said}");
    }

    /// Broken by faults that overlap, leave the rows, or favour a form so much that one is absent.
    #[test]
    fn drawn_faults_keep_apart_and_are_of_all_forms() {
        let usual = usual(&[1.0, 0.0, 2.0]);
        let draw = |seed| drawn(200, 100_000, &names(3), &usual, seed).unwrap();
        let plan = draw(1);
        assert_eq!(plan, draw(1));
        assert_ne!(plan, draw(2));
        assert!(plan[0].first >= 20_000 && plan[199].last < 100_000);
        assert!(plan.windows(2).all(|pair| pair[0].last < pair[1].first));
        assert!(plan.iter().all(|fault| !fault.channels.contains(&1)));
        for kind in FaultKind::ALL {
            assert!(plan.iter().any(|fault| fault.kind == kind), "{kind:?}");
        }
        assert!(drawn(200, 4000, &names(3), &usual, 1).is_err());
        assert!(drawn(1, 4000, &names(1), &usual[1..2], 1).is_err());
        assert!(drawn(50, 4000, &names(1), &usual[..1], 1).is_ok());
    }
}
