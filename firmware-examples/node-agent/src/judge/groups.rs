//! Groups: the channels that one model judges together.

use super::pattern::fits;
use super::settings::Settings;
use bellwether::sample::MAX_VARIABLES;
use bellwether_hal::linux::probe::Channel;

/// Fewest channels of a source with a group of its own.
const FEWEST: usize = 8;
/// The group of everything else.
const REST: &str = "node";

/// A group of channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// Its name.
    pub name: String,
    /// Places of its channels, ascending: at most 512.
    pub channels: Vec<usize>,
}

/// The source of a channel: the first part of its identity, or `hwmon` if that is the path of a device.
pub fn source(identity: &str) -> &str {
    let first = identity.split('/').next().unwrap_or_default();
    let is_word = |letter: u8| letter.is_ascii_lowercase() || matches!(letter, b'_' | b'-');
    if identity.contains('/') && !first.is_empty() && first.bytes().all(is_word) {
        first
    } else if identity.contains('/') {
        "hwmon"
    } else {
        REST
    }
}

/// Divides the channels. Every one is in exactly one group.
pub fn divide(channels: &[Channel], settings: &Settings) -> Vec<Members> {
    let mut groups: Vec<Members> = Vec::new();
    let mut put = |name: &str, channel: usize| {
        let known = groups.iter_mut().find(|group| group.name == name);
        match known {
            Some(group) => group.channels.push(channel),
            None => groups.push(Members {
                name: name.to_owned(),
                channels: vec![channel],
            }),
        }
    };
    for (place, channel) in channels.iter().enumerate() {
        let mut rules = settings.groups.iter();
        let rule = rules.find(|rule| {
            let mut patterns = rule.channels.iter();
            patterns.any(|pattern| fits(pattern, &channel.identity))
        });
        let name = match rule {
            Some(rule) => &rule.name,
            None if settings.by_source => source(&channel.identity),
            None => REST,
        };
        put(name, place);
    }
    let own = |name: &str| settings.groups.iter().any(|rule| rule.name == name);
    let (small, mut kept): (Vec<Members>, Vec<Members>) = groups
        .into_iter()
        .partition(|group| group.channels.len() < FEWEST && !own(&group.name));
    let mut rest: Vec<usize> = small.into_iter().flat_map(|group| group.channels).collect();
    if !rest.is_empty() {
        match kept.iter_mut().find(|group| group.name == REST) {
            Some(group) => group.channels.append(&mut rest),
            None => kept.push(Members {
                name: REST.to_owned(),
                channels: rest,
            }),
        }
    }
    kept.into_iter().flat_map(split).collect()
}

/// Parts of at most 512 channels, of about the same size.
fn split(mut group: Members) -> Vec<Members> {
    group.channels.sort_unstable();
    let count = group.channels.len();
    let parts = count.div_ceil(MAX_VARIABLES);
    if parts <= 1 {
        return vec![group];
    }
    let parts = group.channels.chunks(count.div_ceil(parts)).enumerate();
    let named = |(part, channels): (usize, &[usize])| Members {
        name: match part {
            0 => group.name.clone(),
            _ => format!("{}-{}", group.name, part + 1),
        },
        channels: channels.to_vec(),
    };
    parts.map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::super::settings::GroupRule;
    use super::*;
    use bellwether_hal::linux::probe::Measure;

    fn channel(identity: String) -> Channel {
        Channel {
            identity,
            chip: String::new(),
            sensor: String::new(),
            unit: "",
            measure: Measure::Gauge,
        }
    }

    /// Broken if a channel is lost or judged twice, or a group is wider than a model.
    #[test]
    fn every_channel_is_in_one_group_of_at_most_512() {
        let names = (0..1300).map(|n| format!("proc/disk/{n}"));
        let names = names.chain((0..9).map(|n| format!("0000:00:18.3/k10temp/temp{n}")));
        let names = names.chain((0..3).map(|n| format!("edac/mc0/{n}")));
        let names = names.chain((0..2).map(|n| format!("gpu/{n}/power")));
        let channels: Vec<Channel> = names.map(channel).collect();
        let settings = Settings {
            groups: vec![GroupRule {
                name: "gpus".into(),
                channels: vec!["gpu/*".into()],
            }],
            ..Settings::default()
        };
        let groups = divide(&channels, &settings);
        let names: Vec<(&str, usize)> = groups
            .iter()
            .map(|group| (group.name.as_str(), group.channels.len()))
            .collect();
        assert_eq!(
            names,
            [
                ("proc", 434),
                ("proc-2", 434),
                ("proc-3", 432),
                ("hwmon", 9),
                ("gpus", 2),
                ("node", 3)
            ]
        );
        let mut all: Vec<usize> = groups
            .into_iter()
            .flat_map(|group| group.channels)
            .collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..channels.len()));
    }
}
