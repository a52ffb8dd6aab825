//! The alarm layer on nodes: alarms per day, and the anomalies that they find.

use super::TrainingRun;
use super::evaluate::Test;
use super::survey::number;
use super::watched::mean;
use crate::metrics::episodes::Events;
use bellwether::alarm::{Alarm, Event, Phase, Promise, Rules, Settings};
use std::fmt;

/// Alarms that are accepted per 10,000 rows.
const PROMISES: [f32; 2] = [1.0, 10.0];

/// Nodes under the alarm layer, by their name in the table, with settings.
const NODES: [(&str, &[&str]); 2] = [
    ("node, tiny, alarms over its onset", &["preset=tiny"]),
    ("node, wide, alarms over its onset", &["preset=wide"]),
];

/// The alarms of one method over the test part of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarmed {
    /// Name of the method.
    pub method: String,
    /// False alarms that were accepted, per 10,000 rows.
    pub promise: f32,
    /// Alarms that began.
    pub alarms: u64,
    /// Episodes of them that touch no labelled event.
    pub false_alarms: u64,
    /// Labelled events, and those found.
    pub events: u64,
    /// Events found.
    pub found: u64,
    /// Share of the anomalous rows that are in alarm.
    pub recall: f64,
    /// Days of all rows, and of the normal ones; `None` if timestamps are no numbers.
    pub days: Option<(f64, f64)>,
}

/// The alarms so far.
#[derive(Default)]
struct Taken {
    starts: u64,
    /// Whether each row is in alarm.
    on: Vec<bool>,
}

impl Taken {
    fn push(&mut self, event: &Event) {
        self.starts += u64::from(event.phase == Phase::Start);
        self.on.push(event.phase.is_on());
    }

    fn judged(self, method: &str, promise: f32, test: &Test<'_>) -> Alarmed {
        let rows = test.rows.iter();
        let labels: Vec<bool> = rows.map(|row| test.table.is_anomalous(*row)).collect();
        let events = Events::of(&labels);
        let judged = events.judge(&self.on).unwrap_or_default();
        let anomalous = labels.iter().filter(|label| **label).count();
        let both = self.on.iter().zip(&labels);
        let hits = both.filter(|(on, label)| **on && **label).count();
        let days = |rows: usize| test.table.row_days().map(|days| days * rows as f64);
        let normal = usize::try_from(events.normal_rows()).unwrap_or(usize::MAX);
        Alarmed {
            method: method.to_owned(),
            promise,
            alarms: self.starts,
            false_alarms: judged.false_episodes,
            events: events.count(),
            found: judged.found,
            recall: hits as f64 / anomalous.max(1) as f64,
            days: days(labels.len()).zip(days(normal)),
        }
    }
}

impl TrainingRun<'_> {
    /// Alarms over a test part of the recording `part`, after a fit to all healthy rows in front.
    ///
    /// # Errors
    /// There are too few rows.
    pub fn alarms(&self, part: usize, test: &Test<'_>) -> anyhow::Result<Vec<Alarmed>> {
        let split = self.parts[part].1;
        let fitted = u32::try_from(split.fit.len() + split.calibration.len())?;
        let mut alarmed = Vec::new();
        for promise in PROMISES {
            let mut taken = Taken::default();
            let setting = format!("promise={promise}");
            self.replay(part, test, "sentinel", &[&setting], |_, answer, _| {
                if let Some(notice) = &answer.notice {
                    taken.push(&notice.event);
                }
            })?;
            alarmed.push(taken.judged("sentinel", promise, test));
        }
        for (name, settings) in NODES {
            let rules = PROMISES.map(rules);
            let mut layers = PROMISES.map(|_| (Alarm::<0>::after_fit(fitted), Taken::default()));
            self.replay(part, test, "node", settings, |_, _, watch| {
                for ((alarm, taken), rules) in layers.iter_mut().zip(&rules) {
                    if let Ok(rules) = rules {
                        taken.push(&alarm.observe(rules, watch.onset()));
                    }
                }
            })?;
            let layers = layers.into_iter().zip(PROMISES);
            alarmed.extend(layers.map(|((_, taken), promise)| taken.judged(name, promise, test)));
        }
        Ok(alarmed)
    }
}

fn rules(promise: f32) -> Result<Rules<0>, bellwether::SettingsError> {
    Rules::new(Settings {
        promise: Promise::per_10_000_rows(promise)?,
        ..Settings::DEFAULT
    })
}

/// The tables of the alarms of nodes.
pub struct AlarmTables<'a> {
    /// The nodes.
    pub names: &'a [&'a str],
    /// The same methods on each.
    pub alarms: &'a [Vec<Alarmed>],
}

impl AlarmTables<'_> {
    /// The method at a place on each node that has a rate, with the rate, lowest first.
    fn rates(&self, place: usize, rate: fn(&Alarmed) -> Option<f64>) -> Vec<(f64, &str)> {
        let nodes = self.alarms.iter().zip(self.names);
        let rates = nodes.filter_map(|(all, name)| Some((rate(all.get(place)?)?, *name)));
        let mut rates: Vec<(f64, &str)> = rates.collect();
        rates.sort_by(|a, b| a.0.total_cmp(&b.0));
        rates
    }

    /// Mean, median, and the worst node by name.
    fn spread(&self, place: usize, rate: fn(&Alarmed) -> Option<f64>) -> String {
        let rates = self.rates(place, rate);
        let median = rates.get(rates.len() / 2).map(|of| of.0);
        let worst = rates
            .last()
            .map_or("-".to_owned(), |(rate, name)| format!("{rate:.2} ({name})"));
        let all = mean(rates.iter().map(|of| of.0));
        format!("{} | {} | {worst}", number(all, 2), number(median, 2))
    }

    fn write_means(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| method | promise | alarms per node and day, mean | median | worst node | false ones per normal day, \
             mean | median | worst node | events found | rows found, mean |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        )?;
        let first = self.alarms.first().map_or(&[][..], Vec::as_slice);
        for (place, of) in first.iter().enumerate() {
            let same = self.alarms.iter().filter_map(|all| all.get(place));
            let (found, events) = same.clone().fold((0, 0), |(found, events), of| {
                (found + of.found, events + of.events)
            });
            writeln!(
                f,
                "| {} | {} | {} | {} | {found} of {events} | {} |",
                of.method,
                of.promise,
                self.spread(place, per_day),
                self.spread(place, false_per_day),
                number(mean(same.map(|of| of.recall)), 3),
            )?;
        }
        Ok(())
    }

    fn write_nodes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| node | method | promise | alarms per day | false ones per normal day | events found | rows found \
             |\n|---|---|---:|---:|---:|---:|---:|"
        )?;
        for (name, all) in self.names.iter().zip(self.alarms) {
            let mut name = *name;
            for of in all {
                writeln!(
                    f,
                    "| {name} | {} | {} | {} | {} | {} of {} | {:.3} |",
                    of.method,
                    of.promise,
                    number(per_day(of), 2),
                    number(false_per_day(of), 2),
                    of.found,
                    of.events,
                    of.recall,
                )?;
                name = "";
            }
        }
        Ok(())
    }
}

fn per_day(of: &Alarmed) -> Option<f64> {
    of.days.map(|(all, _)| of.alarms as f64 / all)
}

fn false_per_day(of: &Alarmed) -> Option<f64> {
    let (_, normal) = of.days.filter(|(_, normal)| *normal > 0.0)?;
    Some(of.false_alarms as f64 / normal)
}

impl fmt::Display for AlarmTables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_means(f)?;
        writeln!(f)?;
        self.write_nodes(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(alarms: u64, found: u64) -> Vec<Alarmed> {
        vec![Alarmed {
            method: "sentinel".to_owned(),
            promise: 1.0,
            alarms,
            false_alarms: 1,
            events: 4,
            found,
            recall: 0.25,
            days: Some((2.0, 1.0)),
        }]
    }

    /// By hand. Broken by a rate of other days, or by a worst node that is not the worst.
    #[test]
    fn the_worst_node_is_named_beside_mean_and_median() {
        let tables = AlarmTables {
            names: &["x/1", "x/2", "x/3"],
            alarms: &[of(2, 1), of(7, 2), of(3, 4)],
        };
        let text = tables.to_string();
        let means = "| sentinel | 1 | 2.00 | 1.50 | 3.50 (x/2) | 1.00 | 1.00 | 1.00 (x/3) | 7 of 12 | 0.250 |";
        assert!(text.contains(means), "{text}");
        assert!(text.contains("| x/3 | sentinel | 1 | 1.50 | 1.00 | 4 of 4 | 0.250 |"));
    }
}
