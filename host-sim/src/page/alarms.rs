//! Anomalous rows of a model, grouped into events as a person would.

use super::events::GAP;
use crate::detect::autoencoder::{Limit, Measure, Record};
use crate::output::jsonl::name;
use crate::text::number::pair;
use bellwether::autoencoder::Contribution;
use bellwether::model::Head;

/// Anomalous rows close to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// First anomalous row.
    pub first: u64,
    /// Last anomalous row.
    pub last: u64,
    /// Their timestamps.
    pub times: (String, String),
    /// Anomalous rows.
    pub rows: u64,
    /// What was exceeded, by its place among the limits.
    pub limits: Vec<usize>,
    /// The row furthest above its threshold.
    pub worst: Record,
}

fn strain(record: &Record) -> f32 {
    let about = &record.assessment;
    let (score, threshold) = (about.score, about.threshold);
    let strain = |(score, threshold): (f32, f32)| score / threshold.max(f32::MIN_POSITIVE);
    score.zip(threshold).map_or(0.0, strain)
}

/// Alarms so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alarms(Vec<Alarm>);

impl Alarms {
    /// The alarms, in order.
    pub fn list(&self) -> &[Alarm] {
        &self.0
    }

    /// Takes the next row.
    pub fn push(&mut self, record: &Record, timestamp: &str, limits: &[Limit]) {
        if !record.assessment.is_anomalous() {
            return;
        }
        let tick = record.tick;
        match self.0.last_mut() {
            Some(alarm) if tick - alarm.last <= GAP + 1 => {
                (alarm.last, alarm.times.1) = (tick, timestamp.to_owned());
                alarm.rows += 1;
                if strain(record) > strain(&alarm.worst) {
                    alarm.worst = record.clone();
                }
            }
            _ => self.0.push(Alarm {
                first: tick,
                last: tick,
                times: (timestamp.to_owned(), timestamp.to_owned()),
                rows: 1,
                limits: Vec::new(),
                worst: record.clone(),
            }),
        }
        let limit = limits
            .iter()
            .position(|limit| Some(limit.measure) == record.measure);
        if let Some((alarm, limit)) = self.0.last_mut().zip(limit)
            && !alarm.limits.contains(&limit)
        {
            alarm.limits.push(limit);
        }
    }
}

impl Alarm {
    /// Why, in sentences: the row furthest above its threshold. Units are those of the model's
    /// variables, `head` says what their part is.
    pub fn why(&self, names: &[String], units: &[String], head: Head) -> String {
        let about = &self.worst.assessment;
        let measure = self.worst.measure.map_or("", Measure::name);
        let (score, threshold) = pair(
            about.score.unwrap_or(f32::NAN),
            about.threshold.unwrap_or(f32::NAN),
        );
        let part = |part: Contribution| {
            let (value, expected) = pair(part.value, part.expected);
            let unit = match name(units, part.feature) {
                "" => String::new(),
                unit => format!(" {unit}"),
            };
            let (name, error) = (name(names, part.feature), part.error);
            match head {
                Head::Distance | Head::Logit => {
                    format!("{name} {value}{unit} adds {error:+.3} against its mean {expected}")
                }
                _ => format!(
                    "{name} {value}{unit} where {expected} was expected (error {error:+.3})"
                ),
            }
        };
        let parts: Vec<String> = self.worst.top().map(part).collect();
        format!(
            "{measure} {score} > threshold {threshold} at tick {}: {}.",
            self.worst.tick,
            parts.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::model::Score;
    use bellwether::{Assessment, State};

    const LIMITS: [Limit; 2] = [
        Limit {
            measure: Measure::Score(Score::MaxAbsolute),
            threshold: 1.5,
            moves: false,
        },
        Limit {
            measure: Measure::Outside,
            threshold: 0.0,
            moves: false,
        },
    ];

    fn row(tick: u64, state: State, limit: usize, score: f32) -> Record {
        let part = |feature, error| Contribution {
            feature,
            value: 83.2,
            expected: 61.0,
            error,
            frame: 0,
        };
        Record {
            tick,
            assessment: Assessment::judged(state, score, LIMITS[limit].threshold),
            measure: Some(LIMITS[limit].measure),
            levels: vec![score, 0.0],
            thresholds: LIMITS.map(|limit| limit.threshold).to_vec(),
            confirmed: None,
            parts: vec![part(0, -0.25), part(1, score)],
        }
    }

    #[test]
    fn alarms_bridge_seven_rows_and_keep_their_worst() {
        let mut alarms = Alarms::default();
        for (tick, state, limit, score) in [
            (10, State::Anomalous, 0, 2.0),
            (12, State::Normal, 0, 1.0),
            (18, State::Anomalous, 0, 4.5),
            (19, State::Anomalous, 0, 3.0),
            (28, State::Anomalous, 1, 1.0),
        ] {
            let record = row(tick, state, limit, score);
            alarms.push(&record, &format!("t{tick}"), &LIMITS);
        }
        let [first, second] = alarms.list() else {
            panic!("{alarms:?}")
        };
        assert_eq!((first.first, first.last, first.rows), (10, 19, 3));
        assert_eq!(first.times, ("t10".to_owned(), "t19".to_owned()));
        assert_eq!(
            (&first.limits[..], &second.limits[..]),
            (&[0][..], &[1][..])
        );
        let names = ["fan", "gpu0"].map(str::to_owned);
        let units = ["", "°C"].map(str::to_owned);
        assert_eq!(
            first.why(&names, &units, Head::Reconstruction),
            "max-absolute 4.5 > threshold 1.5 at tick 18: gpu0 83 °C where 61 was expected \
             (error +4.500), fan 83 where 61 was expected (error -0.250)."
        );
    }
}
