//! Known cases: values for which an operator has said that they are no reason to tell.

use super::pattern::fits;
use super::settings::Suppress;
use bellwether_hal::linux::probe::Channel;

/// The rules of each channel.
#[derive(Clone, Debug, Default)]
pub struct Known {
    rules: Vec<Suppress>,
    /// Places of the rules of a channel; no entry without one.
    of: Vec<(usize, Vec<usize>)>,
}

impl Known {
    /// The rules of these channels.
    pub fn new(rules: &[Suppress], channels: &[Channel]) -> Self {
        let places = |channel: &Channel| -> Vec<usize> {
            let rules = rules.iter().enumerate();
            let rules = rules.filter(|(_, rule)| fits(&rule.channel, &channel.identity));
            rules.map(|(place, _)| place).collect()
        };
        let of = channels.iter().map(places).enumerate();
        Self {
            rules: rules.to_vec(),
            of: of.filter(|(_, places)| !places.is_empty()).collect(),
        }
    }

    /// Whether the value of a channel is a known case, where another one may be expected.
    pub fn is(&self, channel: usize, value: f32, expected: impl Fn() -> Option<f32>) -> bool {
        let found = self.of.binary_search_by_key(&channel, |(place, _)| *place);
        let places = found.ok().and_then(|found| self.of.get(found));
        let places = places.iter().flat_map(|(_, places)| places);
        let mut rules = places.filter_map(|place| self.rules.get(*place));
        rules.any(|rule| {
            let Some(expected) = rule.expected.or_else(&expected) else {
                return false;
            };
            let apart = (value - expected).abs();
            rule.absolute.is_some_and(|most| apart <= most)
                || rule
                    .relative
                    .is_some_and(|most| apart <= most * expected.abs())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether_hal::linux::probe::Measure;

    /// Broken if a rule hides another channel, or a larger distance.
    #[test]
    fn a_rule_is_for_its_channels_and_its_distance() {
        let channels = ["fan1", "fan2", "temp1"].map(|identity| Channel {
            identity: identity.into(),
            chip: String::new(),
            sensor: String::new(),
            unit: "",
            measure: Measure::Gauge,
        });
        let rule = |expected, absolute, relative| Suppress {
            channel: "fan*".into(),
            expected,
            absolute,
            relative,
        };
        let known = Known::new(&[rule(Some(4300.0), Some(50.0), None)], &channels);
        assert!(known.is(1, 4340.0, || None));
        assert!(!known.is(1, 4360.0, || None));
        assert!(!known.is(2, 4300.0, || None));
        let known = Known::new(&[rule(None, None, Some(0.1))], &channels);
        assert!(known.is(0, 92.0, || Some(100.0)));
        assert!(!known.is(0, 89.0, || Some(100.0)));
        assert!(!known.is(0, 89.0, || None));
    }
}
