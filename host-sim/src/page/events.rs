//! Anomalous rows, grouped into events, each with an explanation of its clearest row in a
//! sentence.

use super::why;
use crate::detect::{LaneRecord, NAMED, Profile, Record};
use crate::metrics::events::MARGIN;
use bellwether::Assessment;
use bellwether::report::Outcome;
use std::collections::BTreeMap;

/// Largest number of quiet rows within an event.
pub const GAP: u64 = MARGIN;

/// The verdict on an event: that of its strongest row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A lane flagged, and no related variable could vote.
    Local,
    /// A lane flagged, and the related variables did not.
    Outvoted,
    /// Most of the related variables agreed.
    Confirmed,
    /// A score was above its threshold, without a vote.
    Anomalous,
}

impl Verdict {
    /// Of a row; `None` if it is not anomalous.
    fn of(record: &Record, profile: &Profile) -> Option<Self> {
        if !profile.has_lanes() {
            let anomalous = record.assessment.is_anomalous();
            return anomalous.then_some(Self::Anomalous);
        }
        record.flagged().next()?;
        Some(if record.is_confirmed() {
            Self::Confirmed
        } else if record.with(&[Outcome::Outvoted]).next().is_some() {
            Self::Outvoted
        } else {
            Self::Local
        })
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Outvoted => "outvoted",
            Self::Confirmed => "confirmed",
            Self::Anomalous => "anomalous",
        }
    }

    /// Whether it is the detector's decision, and not a failed vote.
    pub fn is_sure(self) -> bool {
        matches!(self, Self::Confirmed | Self::Anomalous)
    }
}

/// Anomalous rows close to one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// First anomalous row.
    pub first: u64,
    /// Last anomalous row.
    pub last: u64,
    /// Their timestamps.
    pub times: (String, String),
    /// Anomalous rows.
    pub rows: u64,
    /// Runs of certain rows, first and last.
    pub sure: Vec<(u64, u64)>,
    /// The strongest row's.
    pub verdict: Verdict,
    /// Variables with a flagged lane, each with its strongest outcome of the vote.
    pub outcomes: BTreeMap<usize, Outcome>,
    /// For a detector without lanes, the variables with the largest contributions to the clearest
    /// row.
    pub named: Vec<usize>,
    /// For a detector without lanes, the exceeded limits.
    pub limits: Vec<usize>,
    /// The reason, in a sentence: from the row furthest above its threshold among the strongest.
    pub why: String,
    strain: f32,
}

/// Weak to strong.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Local => 1,
        Outcome::Outvoted => 2,
        Outcome::Agreeing => 3,
        Outcome::Confirmed => 4,
        _ => 0,
    }
}

/// The distance above its threshold.
fn strain(about: &Assessment) -> f32 {
    match (about.score, about.threshold) {
        (Some(score), Some(threshold)) => score / threshold.max(f32::MIN_POSITIVE),
        _ => 0.0,
    }
}

/// Counts of anomalous rows by outcome, which partition them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Confirmed by the vote, or above a threshold where there is no vote.
    pub sure: u64,
    /// Not confirmed, and at least one variable was outvoted.
    pub outvoted: u64,
    /// Only variables that correlate with no other.
    pub local: u64,
}

/// Events so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    list: Vec<Event>,
    counts: Counts,
}

impl Events {
    /// The events, in order.
    pub fn list(&self) -> &[Event] {
        &self.list
    }

    /// Rows by outcome.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes the next row.
    pub fn push(&mut self, record: &Record, timestamp: &str, profile: &Profile) {
        let Some(verdict) = Verdict::of(record, profile) else {
            return;
        };
        let tick = record.tick;
        match verdict {
            Verdict::Confirmed | Verdict::Anomalous => self.counts.sure += 1,
            Verdict::Outvoted => self.counts.outvoted += 1,
            Verdict::Local => self.counts.local += 1,
        }
        let goes_on = self.list.last().is_some_and(|e| tick - e.last <= GAP + 1);
        if !goes_on {
            self.list.push(Event {
                first: tick,
                last: tick,
                times: (timestamp.to_owned(), timestamp.to_owned()),
                rows: 0,
                sure: Vec::new(),
                verdict,
                outcomes: BTreeMap::new(),
                named: Vec::new(),
                limits: Vec::new(),
                why: String::new(),
                strain: f32::NEG_INFINITY,
            });
        }
        if let Some(event) = self.list.last_mut() {
            event.last = tick;
            timestamp.clone_into(&mut event.times.1);
            event.rows += 1;
            if verdict.is_sure() {
                match event.sure.last_mut() {
                    Some((_, last)) if *last + 1 == tick => *last = tick,
                    _ => event.sure.push((tick, tick)),
                }
            }
            if profile.has_lanes() {
                event.take_lanes(record, verdict, &profile.names);
            } else {
                event.take_score(record, profile);
            }
        }
    }
}

impl Event {
    /// The variables that are drawn: the strongest lanes first, or those with the largest contributions.
    pub fn blamed(&self) -> Vec<usize> {
        let mut lanes: Vec<(usize, Outcome)> =
            self.outcomes.iter().map(|(k, of)| (*k, *of)).collect();
        lanes.sort_by_key(|(_, outcome)| std::cmp::Reverse(rank(*outcome)));
        let lanes = lanes.into_iter().map(|(k, _)| k);
        lanes
            .chain(self.named.iter().copied())
            .take(NAMED)
            .collect()
    }

    fn take_lanes(&mut self, record: &Record, verdict: Verdict, names: &[String]) {
        for lane in record.flagged() {
            let known = self.outcomes.entry(lane.variable).or_insert(lane.outcome);
            if rank(lane.outcome) > rank(*known) {
                *known = lane.outcome;
            }
        }
        if verdict > self.verdict {
            self.strain = f32::NEG_INFINITY;
        }
        if verdict >= self.verdict
            && let Some(lane) = clearest(record, verdict)
            && strain(&lane.assessment) > self.strain
        {
            self.verdict = verdict;
            self.strain = strain(&lane.assessment);
            self.why = why::of_lane(record, lane, names);
            if self.rows > 1 || self.last > self.first {
                self.why += &format!(" At tick {}.", record.tick);
            }
        }
    }

    fn take_score(&mut self, record: &Record, profile: &Profile) {
        let limits = profile.limits.iter();
        let exceeded = limits.map(|limit| Some(limit.measure));
        let exceeded = exceeded.into_iter().position(|of| of == record.measure);
        if let Some(limit) = exceeded.filter(|limit| !self.limits.contains(limit)) {
            self.limits.push(limit);
        }
        let strain = strain(&record.assessment);
        if self.rows == 1 || strain > self.strain {
            self.strain = strain;
            self.named = record.top().map(|part| part.variable).collect();
            self.why = why::of_score(record, profile);
        }
    }
}

/// The lane furthest above its threshold, among those behind the row's verdict.
fn clearest(record: &Record, verdict: Verdict) -> Option<&LaneRecord> {
    let outcome = match verdict {
        Verdict::Local => Outcome::Local,
        Verdict::Outvoted => Outcome::Outvoted,
        Verdict::Confirmed | Verdict::Anomalous => Outcome::Confirmed,
    };
    let lanes = record.lanes.iter().filter(|lane| lane.outcome == outcome);
    lanes.reduce(|best, lane| {
        if strain(&lane.assessment) > strain(&best.assessment) {
            lane
        } else {
            best
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Contribution, CorrelationRecord, Limit};
    use bellwether::State;

    fn lane(variable: usize, outcome: Outcome, score: f32) -> LaneRecord {
        LaneRecord {
            variable,
            value: 220.5,
            outcome,
            assessment: Assessment::judged(State::Anomalous, score, 0.016)
                .expecting(224.31)
                .after_training(),
        }
    }

    fn frame(tick: u64, lanes: Vec<LaneRecord>, related: &[(usize, usize, f32)]) -> Record {
        let correlations = related.iter().map(|(a, b, r)| CorrelationRecord {
            a: *a,
            b: *b,
            r: *r,
        });
        Record {
            tick,
            lanes,
            correlations: correlations.collect(),
            ..Record::default()
        }
    }

    fn grouped(frames: &[Record]) -> Events {
        let names = ["a", "b", "c", "d", "e", "f"].map(str::to_owned);
        let profile = Profile::of_lanes(&names, vec![1.0; 6]);
        let mut events = Events::default();
        for frame in frames {
            events.push(frame, &format!("t{}", frame.tick), &profile);
        }
        events
    }

    fn local(tick: u64) -> Record {
        frame(tick, vec![lane(0, Outcome::Local, 0.031)], &[])
    }

    #[test]
    fn seven_quiet_rows_are_bridged_and_eight_are_not() {
        let events = grouped(&[local(10), frame(12, vec![], &[]), local(18), local(27)]);
        let ranges: Vec<_> = events.list().iter().map(|e| (e.first, e.last)).collect();
        assert_eq!(ranges, [(10, 18), (27, 27)]);
        assert_eq!(events.list()[0].rows, 2);
        assert_eq!(events.list()[0].times, ("t10".to_owned(), "t18".to_owned()));
    }

    #[test]
    fn an_event_is_what_its_strongest_frame_is_and_keeps_every_confirmed_run() {
        let confirmed = |tick, score| {
            let lanes = vec![
                lane(0, Outcome::Confirmed, score),
                lane(1, Outcome::Confirmed, 0.02),
                lane(2, Outcome::Local, 9.0),
            ];
            frame(tick, lanes, &[(0, 1, 0.99)])
        };
        let frames = [
            local(1),
            confirmed(2, 0.02),
            confirmed(3, 0.031),
            local(5),
            confirmed(6, 0.02),
        ];
        let events = grouped(&frames);
        let [event] = events.list() else {
            panic!("{events:?}")
        };
        assert_eq!(event.verdict, Verdict::Confirmed);
        assert_eq!(event.sure, [(2, 3), (6, 6)]);
        assert_eq!(event.outcomes[&0], Outcome::Confirmed);
        assert_eq!(event.outcomes[&2], Outcome::Local);
        assert_eq!(
            event.why,
            "a 220.5 where 224.3 was expected (score 0.031 > threshold 0.016); \
             b (r = 0.990) agrees. At tick 3."
        );
        let counts = Counts {
            sure: 3,
            outvoted: 0,
            local: 2,
        };
        assert_eq!(events.counts(), counts);
    }

    #[test]
    fn the_sentence_says_who_was_asked() {
        let why = |frame: Record| grouped(&[frame]).list()[0].why.clone();
        assert!(
            why(local(3)).ends_with("; no variable correlates with it now, so nobody was asked.")
        );
        let outvoted = || lane(0, Outcome::Outvoted, 0.031);
        let all = [
            (0, 1, 0.97),
            (0, 2, -0.96),
            (0, 3, 0.96),
            (0, 4, 0.96),
            (0, 5, 0.96),
        ];
        assert!(why(frame(3, vec![outvoted()], &all)).ends_with(
            "; b (r = 0.970), c (r = -0.960), d (r = 0.960) and 2 more see nothing unusual."
        ));
        let mixed = frame(
            3,
            vec![outvoted(), lane(1, Outcome::Outvoted, 0.02)],
            &all[..3],
        );
        let events = grouped(&[mixed]);
        assert_eq!(events.list()[0].verdict, Verdict::Outvoted);
        assert!(events.list()[0].why.ends_with(
            "; b (r = 0.970) agrees, c (r = -0.960) and d (r = 0.960) see nothing unusual."
        ));
    }

    const LIMITS: [Limit; 2] = [
        Limit {
            measure: "max-absolute",
            threshold: 1.5,
            moves: false,
        },
        Limit {
            measure: "outside",
            threshold: 0.0,
            moves: false,
        },
    ];

    fn row(tick: u64, state: State, limit: usize, score: f32) -> Record {
        let part = |variable, error| Contribution {
            variable,
            value: 83.2,
            expected: 61.0,
            error,
            back: 0,
        };
        Record {
            measure: Some(LIMITS[limit].measure),
            levels: vec![score, 0.0],
            thresholds: LIMITS.map(|limit| limit.threshold).to_vec(),
            contributions: vec![part(0, -0.25), part(1, score)],
            ..Record::bare(
                tick,
                Assessment::judged(state, score, LIMITS[limit].threshold),
            )
        }
    }

    #[test]
    fn scores_above_a_threshold_bridge_seven_rows_and_keep_their_worst() {
        let profile = Profile {
            names: ["fan", "gpu0"].map(str::to_owned).to_vec(),
            units: ["", "°C"].map(str::to_owned).to_vec(),
            limits: LIMITS.to_vec(),
            ..Profile::default()
        };
        let mut events = Events::default();
        for (tick, state, limit, score) in [
            (10, State::Anomalous, 0, 2.0),
            (12, State::Normal, 0, 1.0),
            (18, State::Anomalous, 0, 4.5),
            (19, State::Anomalous, 0, 3.0),
            (28, State::Anomalous, 1, 1.0),
        ] {
            let record = row(tick, state, limit, score);
            events.push(&record, &format!("t{tick}"), &profile);
        }
        let [first, second] = events.list() else {
            panic!("{events:?}")
        };
        assert_eq!((first.first, first.last, first.rows), (10, 19, 3));
        assert_eq!(first.times, ("t10".to_owned(), "t19".to_owned()));
        assert_eq!(first.verdict, Verdict::Anomalous);
        assert_eq!(
            (&first.limits[..], &second.limits[..]),
            (&[0][..], &[1][..])
        );
        assert_eq!(first.named, [1, 0]);
        assert_eq!(
            first.why,
            "max-absolute 4.5 > threshold 1.5 at tick 18: gpu0 83 °C where 61 was expected \
             (error +4.500), fan 83 where 61 was expected (error -0.250)."
        );
    }
}
