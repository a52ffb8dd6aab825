//! The registry of detectors, by name: the choices of `run`, `report` and `bench`, with their help.

#[cfg(feature = "full")]
use super::autoencoder;
use super::{
    FitFile, Watch, charts, consensus, golden, half_space, incidents, mahalanobis, node, quartet,
    repad2, rola, sentinel, sigma,
};
use anyhow::{Context, bail, ensure};
use bellwether::Model;

/// Every detector. A new one is a line here.
pub static REGISTRY: &[Entry] = &[
    sentinel::ENTRY,
    rola::ENTRY,
    repad2::ENTRY,
    sigma::ENTRY,
    charts::LIMITS,
    charts::CUSUM,
    charts::PAGE_HINKLEY,
    charts::GAUSSIAN,
    charts::WINDOW_OF_VALUES,
    charts::PROFILE,
    mahalanobis::ENTRY,
    half_space::ENTRY,
    consensus::ENTRY,
    golden::ENTRY,
    quartet::ENTRY,
    node::ENTRY,
    incidents::ENTRY,
    #[cfg(feature = "full")]
    autoencoder::ENTRY,
];

/// The inputs to a detector's construction.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a, 'm> {
    /// Names of the recording's variables, in order.
    pub names: &'a [String],
    /// Settings as `KEY=VALUE`.
    pub settings: &'a [String],
    /// The trained model, if given.
    pub model: Option<Model<'m>>,
    /// The fit to start from, if given.
    pub fit: Option<&'a FitFile>,
}

/// Makes a detector before its first row.
type Make = for<'m> fn(&Setup<'_, 'm>) -> anyhow::Result<Box<dyn Watch + 'm>>;

/// A detector.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// A description, in a line.
    pub about: &'static str,
    /// Keys of its settings with their meaning and default, a line each.
    pub keys: &'static str,
    /// Whether it is made from a trained model.
    pub needs_model: bool,
    /// Whether `bellwether fit` writes its fit, and it starts from one.
    pub has_fit: bool,
    /// The key with the number of leading rows to learn from, if it learns from these only.
    pub learning: Option<&'static str>,
    /// The app of the firmware workspace that runs it on a board; `None` if no app does.
    pub app: Option<&'static str>,
    /// Whether these are all rows in front, not only the last ones of many.
    pub learns_all: bool,
    /// Whether settings are understood.
    pub check: fn(&[String]) -> anyhow::Result<()>,
    /// Its constructor.
    pub make: Make,
}

impl Entry {
    /// The detector of a name.
    ///
    /// # Errors
    /// No detector has this name; the error lists the others.
    pub fn named(name: &str) -> anyhow::Result<&'static Self> {
        let found = REGISTRY.iter().find(|entry| entry.name == name);
        found.with_context(|| {
            let known: Vec<&str> = REGISTRY.iter().map(|entry| entry.name).collect();
            format!("no detector `{name}`; there are: {}", known.join(", "))
        })
    }

    /// Whether it has a setting of this key.
    pub fn has(&self, key: &str) -> bool {
        let mut keys = self.keys.lines().filter_map(|line| line.split_once('='));
        keys.any(|(of_line, _)| of_line == key)
    }

    /// The key with the number of leading rows to learn from, if the recording decides it: the detector learns
    /// from all of these, there is no fit, and nobody set it.
    pub fn learning_key(&self, settings: &[String], has_fit: bool) -> Option<&'static str> {
        let mut set = settings.iter().filter_map(|text| text.split_once('='));
        let key = self.learning.filter(|_| self.learns_all && !has_fit)?;
        (!set.any(|(of, _)| of.trim() == key)).then_some(key)
    }

    /// Checks that a model and settings fit this detector.
    ///
    /// # Errors
    /// A model is missing or superfluous, or a setting is not understood.
    pub fn accepts(&self, settings: &[String], has_model: bool) -> anyhow::Result<()> {
        let name = self.name;
        if has_model && !self.needs_model {
            bail!(
                "--model does not apply to {name}, which learns from the recording: say \
                 --detector autoencoder, or leave it out"
            );
        }
        (self.check)(settings)?;
        ensure!(
            has_model || !self.needs_model,
            "--detector {name} needs its --model FILE"
        );
        Ok(())
    }

    /// The detector before its first row.
    ///
    /// # Errors
    /// A setting or the model does not fit the variables.
    pub fn watch<'m>(&self, setup: &Setup<'_, 'm>) -> anyhow::Result<Box<dyn Watch + 'm>> {
        (self.make)(setup)
    }
}

/// The settings of every detector with settings, for the long help.
pub fn keys_help() -> String {
    let parts: Vec<String> = REGISTRY
        .iter()
        .map(|entry| {
            let (name, keys) = (entry.name, entry.keys);
            format!("Settings of {name} (--set KEY=VALUE, defaults in brackets):\n{keys}")
        })
        .collect();
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Record;
    use crate::recording::cadence::Step;
    use bellwether::{Reading, Tick};

    #[test]
    fn names_are_unique_and_others_are_refused_with_a_list() {
        for (k, entry) in REGISTRY.iter().enumerate() {
            let again = REGISTRY[k + 1..]
                .iter()
                .find(|other| other.name == entry.name);
            assert!(again.is_none(), "{}", entry.name);
            assert!(std::ptr::eq(Entry::named(entry.name).unwrap(), entry));
        }
        let error = Entry::named("rolla").unwrap_err().to_string();
        assert!(error.starts_with("no detector `rolla`; there are: sentinel, "));
    }

    /// Broken by a key in the help that is not read, or by an unknown one that is swallowed.
    #[test]
    fn every_key_of_the_help_is_known_and_unknown_ones_list_them() {
        for entry in REGISTRY {
            for line in entry.keys.lines() {
                let key = line.split('=').next().unwrap();
                let error = entry.accepts(&[format!("{key}=?")], false);
                let error = error.unwrap_err().to_string();
                assert!(error.contains("expected"), "{} {key}: {error}", entry.name);
            }
            let error = |text: &str| {
                let refused = entry.accepts(&[text.to_owned()], false).unwrap_err();
                refused.to_string()
            };
            let unknown = error("windows=3");
            assert!(unknown.starts_with("unknown setting `windows`; keys:\n"));
            assert!(unknown.ends_with(entry.keys), "{unknown}");
            assert!(error("window").contains("expected KEY=VALUE"));
        }
    }

    /// Broken by a detector whose records count other variables than its profile names.
    #[test]
    fn every_detector_that_needs_no_model_gives_records_of_its_profile() {
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        for entry in REGISTRY.iter().filter(|entry| !entry.needs_model) {
            let setup = Setup {
                names: &names,
                settings: &[],
                model: None,
                fit: None,
            };
            let mut watch = entry.watch(&setup).unwrap();
            assert_eq!(watch.profile().names, names, "{}", entry.name);
            assert!(watch.state_bytes() > 0);
            for tick in 0..2_000 {
                let row = [1.0, 2.0, 3.0].map(|x: f32| Reading::Value(x + (tick % 7) as f32));
                let record: Record = watch.observe(Tick(tick), Step::Unknown, &row);
                assert_eq!(record.tick, tick);
                let profile = watch.profile();
                let judged = record.assessment.score.is_some();
                if profile.has_lanes() {
                    assert_eq!(record.lanes.len(), 3, "{}", entry.name);
                } else if judged {
                    assert_eq!(record.levels.len(), profile.limits.len(), "{}", entry.name);
                    assert_eq!(record.thresholds.len(), profile.limits.len());
                }
            }
        }
    }
}
