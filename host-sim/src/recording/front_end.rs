//! Front ends by name: from a row of samples to a row of features, in the library's bits.

use anyhow::{Context, bail, ensure};
use bellwether::Reading;
use bellwether::model::{self, Model};
use bellwether::signal::{Burst, Rules, SIZES, Statistic};

/// Features of a signal.
type Features = [Reading; Statistic::COUNT];

/// Bursts of samples, and the features that are taken of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontEnd {
    /// Samples of a burst.
    pub samples: usize,
    /// Samples from the beginning of a burst to the next.
    pub hop: u16,
    /// The features, by code.
    pub statistics: Vec<Statistic>,
}

impl FrontEnd {
    /// From `burst:N[,HOP][:FEATURE,...]`.
    ///
    /// # Errors
    /// It is not spelled so, or a number is out of range.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.split(':');
        let (kind, sizes) = (parts.next(), parts.next());
        let (Some("burst"), Some(sizes), chosen, None) = (kind, sizes, parts.next(), parts.next())
        else {
            bail!("expected burst:N[,HOP][:FEATURE,...], such as burst:1024,512");
        };
        let (samples, hop) = sizes.split_once(',').unwrap_or((sizes, sizes));
        let samples: usize = samples.parse().context("N: a whole number")?;
        ensure!(
            samples.is_power_of_two() && SIZES.contains(&samples),
            "N: a power of two from 64 to 4096"
        );
        let hop: u16 = hop.parse().context("HOP: a whole number up to 65535")?;
        ensure!(hop > 0, "HOP: 1 or more");
        let mut statistics = Vec::new();
        for name in chosen.into_iter().flat_map(|names| names.split(',')) {
            statistics.push(statistic(name)?);
        }
        statistics.sort_by_key(|statistic| statistic.code());
        statistics.dedup();
        if chosen.is_none() {
            statistics = Statistic::ALL.to_vec();
        }
        Ok(Self {
            samples,
            hop,
            statistics,
        })
    }

    /// The front end of a model, and the names of its signals.
    ///
    /// # Errors
    /// A variable is not named `SIGNAL.FEATURE` as its source has it.
    pub fn of_model(model: &Model<'_>) -> anyhow::Result<Option<(Self, Vec<String>)>> {
        let Some(end) = model.front_end() else {
            return Ok(None);
        };
        let mut signals: Vec<String> = Vec::new();
        for (feature, source) in model.features().zip(end.sources()) {
            let signal = feature.name.strip_suffix(source.statistic.name());
            let signal = signal.and_then(|name| name.strip_suffix('.'));
            let signal = signal.with_context(|| {
                format!(
                    "the model's variable {} is not named SIGNAL.{}",
                    feature.name,
                    source.statistic.name()
                )
            })?;
            match signals.get(usize::from(source.signal)) {
                None => signals.push(signal.to_owned()),
                Some(known) => ensure!(
                    known == signal,
                    "the model's variable {} is of the signal {known}",
                    feature.name
                ),
            }
        }
        let front_end = Self {
            samples: end.samples(),
            hop: end.hop(),
            statistics: Statistic::ALL.to_vec(),
        };
        Ok(Some((front_end, signals)))
    }

    /// Names of the features of signals: `SIGNAL.FEATURE`, signal by signal.
    pub fn names(&self, signals: &[String]) -> Vec<String> {
        let of = |signal: &String| {
            let names = self.statistics.iter();
            let named = names.map(|statistic| format!("{signal}.{}", statistic.name()));
            named.collect::<Vec<_>>()
        };
        signals.iter().flat_map(of).collect()
    }

    /// The section of a model with variables of these names.
    ///
    /// # Errors
    /// A name is not `SIGNAL.FEATURE`, or signals are mixed.
    pub fn section(&self, variables: &[&str]) -> anyhow::Result<Vec<u8>> {
        let (mut signals, mut sources) = (Vec::<&str>::new(), Vec::new());
        for variable in variables {
            let (signal, name) = variable.rsplit_once('.').unwrap_or((variable, ""));
            if signals.last() != Some(&signal) {
                ensure!(
                    !signals.contains(&signal),
                    "variables of {signal} lie apart"
                );
                signals.push(signal);
            }
            let place = u16::try_from(signals.len() - 1)?;
            sources.extend(place.to_le_bytes());
            sources.extend([statistic(name)?.code(), 0]);
        }
        let mut out = vec![model::front_end::BURST, self.samples.ilog2() as u8];
        out.extend(self.hop.to_le_bytes());
        out.extend(u16::try_from(signals.len())?.to_le_bytes());
        out.extend([0; 2]);
        out.extend(sources);
        Ok(out)
    }

    /// The same in words.
    pub fn said(&self) -> String {
        format!("bursts of {} samples, {} apart", self.samples, self.hop)
    }
}

fn statistic(name: &str) -> anyhow::Result<Statistic> {
    let found = Statistic::ALL
        .into_iter()
        .find(|known| known.name() == name);
    found.with_context(|| {
        let names = Statistic::ALL.map(Statistic::name);
        format!("no feature {name}; there are: {}", names.join(", "))
    })
}

/// The bursts of several signals, of a length known at run time.
pub struct Bursts(Vec<Box<dyn Signal>>);

impl Bursts {
    /// Before the first sample.
    ///
    /// # Errors
    /// The library has no bursts of this length.
    pub fn new(front_end: &FrontEnd, signals: usize) -> anyhow::Result<Self> {
        let one = || signal(front_end.samples, front_end.hop);
        Ok(Self((0..signals).map(|_| one()).collect::<Result<_, _>>()?))
    }

    /// Takes a sample of each signal; the features of each if a burst is complete.
    pub fn push(&mut self, samples: &[Reading]) -> Option<Vec<Features>> {
        let pairs = self.0.iter_mut().zip(samples);
        let answers = pairs.map(|(signal, sample)| signal.push(*sample));
        // All are complete, or none is.
        answers.collect::<Vec<_>>().into_iter().collect()
    }

    /// Begins new bursts.
    pub fn restart(&mut self) {
        self.0.iter_mut().for_each(|signal| signal.restart());
    }
}

/// A signal of any length of bursts.
trait Signal: Send {
    fn push(&mut self, sample: Reading) -> Option<Features>;
    fn restart(&mut self);
}

impl<const N: usize> Signal for (Burst<N>, Rules<N>) {
    fn push(&mut self, sample: Reading) -> Option<Features> {
        self.0.push(&self.1, [sample]).map(|[features]| features)
    }

    fn restart(&mut self) {
        self.0.restart();
    }
}

fn signal(samples: usize, hop: u16) -> anyhow::Result<Box<dyn Signal>> {
    fn of<const N: usize>(hop: u16) -> anyhow::Result<Box<dyn Signal>> {
        Ok(Box::new((Burst::<N>::new(), Rules::<N>::new(hop)?)))
    }
    match samples {
        64 => of::<64>(hop),
        128 => of::<128>(hop),
        256 => of::<256>(hop),
        512 => of::<512>(hop),
        1024 => of::<1024>(hop),
        2048 => of::<2048>(hop),
        4096 => of::<4096>(hop),
        _ => bail!("no bursts of {samples} samples"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_ends_are_spelled() {
        let parsed = FrontEnd::parse("burst:1024,512").unwrap();
        assert_eq!((parsed.samples, parsed.hop), (1024, 512));
        assert_eq!(parsed.statistics, Statistic::ALL);
        assert_eq!(FrontEnd::parse("burst:64").unwrap().hop, 64);
        let few = FrontEnd::parse("burst:64:kurtosis,rms,rms").unwrap();
        assert_eq!(few.statistics, [Statistic::Rms, Statistic::Kurtosis]);
        assert_eq!(few.names(&["x".to_owned()]), ["x.rms", "x.kurtosis"]);
        for (bad, wanted) in [
            ("", "expected burst:N"),
            ("burst", "expected burst:N"),
            ("mel:64", "expected burst:N"),
            ("burst:100", "a power of two"),
            ("burst:8192", "a power of two"),
            ("burst:64,0", "HOP"),
            ("burst:64,70000", "HOP"),
            ("burst:64:loud", "no feature loud; there are: mean, rms"),
        ] {
            let found = format!("{:#}", FrontEnd::parse(bad).unwrap_err());
            assert!(found.contains(wanted), "{bad}: {found}");
        }
    }
}
