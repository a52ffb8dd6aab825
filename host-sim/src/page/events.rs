//! Flagged frames, grouped into events that a person would call one, each with the sentence
//! that explains its clearest frame.

use crate::detect::{FrameRecord, LaneRecord};
use crate::metrics::events::MARGIN;
use crate::output::jsonl::name;
use crate::text::number::pair;
use bellwether::report::Outcome;
use std::collections::BTreeMap;

/// Quiet rows within an event, at most.
pub const GAP: u64 = MARGIN;

/// What the vote made of an event: of its strongest frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nobody could be asked.
    Local,
    /// The others saw nothing.
    Outvoted,
    /// Most of the related variables agreed.
    Confirmed,
}

impl Verdict {
    /// Of a frame with a flagged lane.
    fn of(record: &FrameRecord) -> Self {
        if record.is_confirmed() {
            Self::Confirmed
        } else if record.with(&[Outcome::Outvoted]).next().is_some() {
            Self::Outvoted
        } else {
            Self::Local
        }
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Outvoted => "outvoted",
            Self::Confirmed => "confirmed",
        }
    }
}

/// Flagged frames close to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// First flagged row.
    pub first: u64,
    /// Last flagged row.
    pub last: u64,
    /// Their timestamps.
    pub times: (String, String),
    /// Rows in which a lane flagged.
    pub flagged: u64,
    /// Runs of rows that the vote confirmed, first and last.
    pub confirmed: Vec<(u64, u64)>,
    /// The strongest frame's.
    pub verdict: Verdict,
    /// Flagged variables, with the strongest that the vote made of each.
    pub variables: BTreeMap<usize, Outcome>,
    /// Why, in a sentence: the frame furthest above its threshold among the strongest.
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

/// How far above its threshold.
fn strain(lane: &LaneRecord) -> f32 {
    match (lane.assessment.score, lane.assessment.threshold) {
        (Some(score), Some(threshold)) => score / threshold.max(f32::MIN_POSITIVE),
        _ => 0.0,
    }
}

/// How many frames flagged, and what became of them: counts that partition them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Confirmed by the vote.
    pub confirmed: u64,
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

    /// Frames by what became of them.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes the next frame.
    pub fn push(&mut self, record: &FrameRecord, timestamp: &str, names: &[String]) {
        if record.flagged().next().is_none() {
            return;
        }
        let (tick, verdict) = (record.tick, Verdict::of(record));
        match verdict {
            Verdict::Confirmed => self.counts.confirmed += 1,
            Verdict::Outvoted => self.counts.outvoted += 1,
            Verdict::Local => self.counts.local += 1,
        }
        let goes_on = self.list.last().is_some_and(|e| tick - e.last <= GAP + 1);
        if !goes_on {
            self.list.push(Event {
                first: tick,
                last: tick,
                times: (timestamp.to_owned(), timestamp.to_owned()),
                flagged: 0,
                confirmed: Vec::new(),
                verdict,
                variables: BTreeMap::new(),
                why: String::new(),
                strain: f32::NEG_INFINITY,
            });
        }
        if let Some(event) = self.list.last_mut() {
            event.take(record, verdict, timestamp, names);
        }
    }
}

impl Event {
    fn take(&mut self, record: &FrameRecord, verdict: Verdict, timestamp: &str, names: &[String]) {
        let tick = record.tick;
        self.last = tick;
        self.times.1 = timestamp.to_owned();
        self.flagged += 1;
        if verdict == Verdict::Confirmed {
            match self.confirmed.last_mut() {
                Some((_, last)) if *last + 1 == tick => *last = tick,
                _ => self.confirmed.push((tick, tick)),
            }
        }
        for lane in record.flagged() {
            let known = self.variables.entry(lane.variable).or_insert(lane.outcome);
            if rank(lane.outcome) > rank(*known) {
                *known = lane.outcome;
            }
        }
        if verdict > self.verdict {
            self.strain = f32::NEG_INFINITY;
        }
        if verdict >= self.verdict
            && let Some(lane) = clearest(record, verdict)
            && strain(lane) > self.strain
        {
            self.verdict = verdict;
            self.strain = strain(lane);
            self.why = explain(record, lane, names);
            if self.flagged > 1 || self.last > self.first {
                self.why += &format!(" At tick {tick}.");
            }
        }
    }
}

/// The lane furthest above its threshold, among those the frame's verdict rests on.
fn clearest(record: &FrameRecord, verdict: Verdict) -> Option<&LaneRecord> {
    let outcome = match verdict {
        Verdict::Local => Outcome::Local,
        Verdict::Outvoted => Outcome::Outvoted,
        Verdict::Confirmed => Outcome::Confirmed,
    };
    let lanes = record.lanes.iter().filter(|lane| lane.outcome == outcome);
    lanes.reduce(|best, lane| {
        if strain(lane) > strain(best) {
            lane
        } else {
            best
        }
    })
}

/// Names with correlations: `a (r = 0.99) and b (r = -0.97)`.
fn listed(partners: &[(usize, f32)], names: &[String]) -> String {
    /// Named before the rest is counted.
    const NAMED: usize = 3;
    let mut said: Vec<String> = partners
        .iter()
        .take(NAMED)
        .map(|(k, r)| format!("{} (r = {r:.3})", name(names, *k)))
        .collect();
    if partners.len() > NAMED {
        said.push(format!("{} more", partners.len() - NAMED));
    }
    match said.pop() {
        Some(last) if said.is_empty() => last,
        Some(last) => format!("{} and {last}", said.join(", ")),
        None => String::new(),
    }
}

/// Why a lane flagged, and what those it was related to said.
fn explain(record: &FrameRecord, lane: &LaneRecord, names: &[String]) -> String {
    let about = &lane.assessment;
    let (value, expected) = pair(lane.value, about.expected.unwrap_or(f32::NAN));
    let (score, threshold) = pair(
        about.score.unwrap_or(f32::NAN),
        about.threshold.unwrap_or(f32::NAN),
    );
    let what = format!(
        "{} {value} where {expected} was expected (score {score} > threshold {threshold})",
        name(names, lane.variable)
    );
    let partners = record.correlations.iter().filter_map(|c| {
        if c.a == lane.variable {
            Some((c.b, c.r))
        } else {
            (c.b == lane.variable).then_some((c.a, c.r))
        }
    });
    let flagged = |k: usize| record.flagged().any(|lane| lane.variable == k);
    let (with, against): (Vec<_>, Vec<_>) = partners.partition(|(k, _)| flagged(*k));
    let verb = |partners: &[(usize, f32)], one: &str, many: &str| {
        if partners.len() == 1 {
            one.to_owned()
        } else {
            many.to_owned()
        }
    };
    let agree = verb(&with, "agrees", "agree");
    let see = verb(&against, "sees", "see");
    let (with_names, against_names) = (listed(&with, names), listed(&against, names));
    match (with.is_empty(), against.is_empty()) {
        (true, true) => format!("{what}; no variable correlates with it now, so nobody was asked."),
        (false, true) => format!("{what}; {with_names} {agree}."),
        (true, false) => format!("{what}; {against_names} {see} nothing unusual."),
        (false, false) => {
            format!("{what}; {with_names} {agree}, {against_names} {see} nothing unusual.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::CorrelationRecord;
    use bellwether::{Assessment, State};

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

    fn frame(tick: u64, lanes: Vec<LaneRecord>, related: &[(usize, usize, f32)]) -> FrameRecord {
        let correlations = related.iter().map(|(a, b, r)| CorrelationRecord {
            a: *a,
            b: *b,
            r: *r,
        });
        FrameRecord {
            tick,
            lanes,
            correlations: correlations.collect(),
        }
    }

    fn grouped(frames: &[FrameRecord]) -> Events {
        let names = ["a", "b", "c", "d", "e", "f"].map(str::to_owned);
        let mut events = Events::default();
        for frame in frames {
            events.push(frame, &format!("t{}", frame.tick), &names);
        }
        events
    }

    fn local(tick: u64) -> FrameRecord {
        frame(tick, vec![lane(0, Outcome::Local, 0.031)], &[])
    }

    #[test]
    fn seven_quiet_rows_are_bridged_and_eight_are_not() {
        let events = grouped(&[local(10), frame(12, vec![], &[]), local(18), local(27)]);
        let ranges: Vec<_> = events.list().iter().map(|e| (e.first, e.last)).collect();
        assert_eq!(ranges, [(10, 18), (27, 27)]);
        assert_eq!(events.list()[0].flagged, 2);
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
        assert_eq!(event.confirmed, [(2, 3), (6, 6)]);
        assert_eq!(event.variables[&0], Outcome::Confirmed);
        assert_eq!(event.variables[&2], Outcome::Local);
        assert_eq!(
            event.why,
            "a 220.5 where 224.3 was expected (score 0.031 > threshold 0.016); \
             b (r = 0.990) agrees. At tick 3."
        );
        let counts = Counts {
            confirmed: 3,
            outvoted: 0,
            local: 2,
        };
        assert_eq!(events.counts(), counts);
    }

    #[test]
    fn the_sentence_says_who_was_asked() {
        let why = |frame: FrameRecord| grouped(&[frame]).list()[0].why.clone();
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
}
