//! The settings of each chart as `KEY=VALUE`.

use crate::detect::setting::{large_count, real};
use anyhow::{Context, bail};
use bellwether::chart::limits::Level;
use bellwether::chart::{Charted, cusum, gaussian, limits, page_hinkley, profile, window};

/// Settings that are read from a command line.
pub trait Keys: Charted + 'static {
    /// The keys, their meaning and their default, a line each.
    const KEYS: &'static str;
    /// The statistic.
    const MEASURE: &'static str;
    /// Whether the limit moves.
    const MOVES: bool = false;

    /// Sets a key; false if there is none of this name.
    fn set(&mut self, key: &str, value: &str) -> anyhow::Result<bool>;

    /// Keys and values.
    fn pairs(&self) -> Vec<(&'static str, String)>;

    /// The limit of the statistic.
    fn limit(&self) -> f32;
}

/// The keys of every chart, then those of one.
macro_rules! keys {
    ($($own:literal),+) => {
        concat!(
            "learn=N               leading rows to learn mean and deviation from (1440)\n",
            $($own, "\n",)+
            "floor=X               smallest standard deviation, as a share of the mean (0.01)"
        )
    };
}

/// Implements [`Keys`] for settings with fields of numbers.
macro_rules! plain {
    ($settings:ty $(, $parts:ident)?: $measure:literal, { $($field:ident: $read:ident),+ }, [$($key:literal),+]) => {
        impl$(<const $parts: usize>)? Keys for $settings {
            const KEYS: &'static str = keys![$($key),+];
            const MEASURE: &'static str = $measure;

            fn set(&mut self, key: &str, value: &str) -> anyhow::Result<bool> {
                match key {
                    $(stringify!($field) => self.$field = $read(key, value)?,)+
                    _ => return Ok(false),
                }
                Ok(true)
            }

            fn pairs(&self) -> Vec<(&'static str, String)> {
                vec![$((stringify!($field), self.$field.to_string())),+]
            }

            fn limit(&self) -> f32 {
                self.limit
            }
        }
    };
}

fn byte(key: &str, value: &str) -> anyhow::Result<u8> {
    u8::try_from(large_count(key, value)?).with_context(|| format!("{key}={value}: at most 255"))
}

plain!(cusum::Settings: "sum of deviations", { slack: real, limit: real }, [
    "slack=X               deviations that a value may be off without adding (0.5)",
    "limit=X               sum above which a row is anomalous (5)"
]);

plain!(page_hinkley::Settings: "sum of deviations", { slack: real, limit: real, memory: large_count }, [
    "slack=X               deviations that a value may be off the mean without adding (0.5)",
    "limit=X               sum above which the level has changed (10)",
    "memory=N              values of the mean (1000)"
]);

plain!(gaussian::Settings: "deviations", { memory: large_count, limit: real, least: real }, [
    "memory=N              values of the mean (100)",
    "limit=X               deviations above which a row is anomalous (4)",
    "least=X               smallest deviation, in learned ones (0.1)"
]);

plain!(window::Settings<N>, N: "deviations", { limit: real, least: real }, [
    "limit=X               deviations above which a row is anomalous (4)",
    "least=X               smallest deviation, in learned ones (0.1)"
]);

plain!(profile::Settings<B>, B: "deviations", { period: large_count, memory: byte, limit: real, least: real }, [
    "period=N              rows of a day, or of another period (1440)",
    "memory=N              values of a part’s mean, at most 255 (255)",
    "limit=X               deviations above which a row is anomalous (5)",
    "least=X               smallest deviation, in learned ones (0.1)"
]);

impl Keys for limits::Settings {
    const KEYS: &'static str = keys![
        "warning=X             deviations of a warning (4)",
        "critical=X            deviations from which a row is critical (6)",
        "hysteresis=X          deviations below a limit at which its level ends (1)",
        "alarm=warning|critical  the level of an anomalous row (critical)"
    ];
    const MEASURE: &'static str = "deviations";
    const MOVES: bool = true;

    fn set(&mut self, key: &str, value: &str) -> anyhow::Result<bool> {
        match key {
            "warning" => self.warning = real(key, value)?,
            "critical" => self.critical = real(key, value)?,
            "hysteresis" => self.hysteresis = real(key, value)?,
            "alarm" => {
                self.alarm = match value {
                    "warning" => Level::Warning,
                    "critical" => Level::Critical,
                    _ => bail!("alarm={value}: expected `warning` or `critical`"),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let alarm = match self.alarm {
            Level::Critical => "critical",
            _ => "warning",
        };
        vec![
            ("warning", self.warning.to_string()),
            ("critical", self.critical.to_string()),
            ("hysteresis", self.hysteresis.to_string()),
            ("alarm", alarm.to_owned()),
        ]
    }

    fn limit(&self) -> f32 {
        match self.alarm {
            Level::Critical => self.critical,
            _ => self.warning,
        }
    }
}
