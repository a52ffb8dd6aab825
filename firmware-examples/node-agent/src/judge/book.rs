//! The findings that are on, and what is told of them: one for each group and kind.
//!
//! ```text
//! start    when it begins; while silenced, at the end of the silence if it lasts
//! update   at once if it has become worse; with another channel in front after 10 minutes, and after twice the time
//!          of the last pause from then on, at most a day
//! clear    when it ends, if its start was told
//! ```

use crate::event::{Blamed, Event, Kind, Phase, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Milliseconds between a start and an update, and between two updates at most.
const PAUSE_MS: u64 = 600_000;
const LONGEST_MS: u64 = 86_400_000;

/// A finding of a sample or a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its kind.
    pub kind: Kind,
    /// Its severity now.
    pub severity: Severity,
    /// Severity of the score, in deviations, and where an alarm starts.
    pub score: Option<(f32, f32)>,
    /// The channels behind it.
    pub variables: Vec<Blamed>,
    /// A sentence.
    pub message: String,
}

/// A finding that is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Active {
    event: Event,
    told: bool,
    told_ms: u64,
    /// Milliseconds until its next update.
    pause_ms: u64,
    acknowledged: bool,
    /// It has become worse, or has other channels, since it was told.
    worse: bool,
    changed: bool,
    over: bool,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    active: Vec<Active>,
    last_id: u64,
    started: BTreeMap<Kind, u64>,
}

impl Book {
    /// A finding is on, or goes on.
    pub fn on(&mut self, (node, group): (&str, &str), at_ms: u64, found: Found) {
        let mut known = self.active.iter_mut();
        let known = known.find(|active| active.is(group, found.kind) && !active.over);
        let (score, threshold) = found.score.unzip();
        if let Some(active) = known {
            let event = &mut active.event;
            active.worse |= found.severity > event.severity;
            active.changed |= is_new(&event.variables, &found.variables);
            event.severity = event.severity.max(found.severity);
            (event.score, event.threshold) = (score, threshold);
            event.variables = found.variables;
            event.message = found.message;
            event.at_ms = at_ms;
            return;
        }
        // Numbers go on from the time, so that they stay unique if the state is lost.
        self.last_id = at_ms.max(self.last_id.saturating_add(1));
        self.active.push(Active {
            event: Event {
                id: self.last_id,
                phase: Phase::Start,
                kind: found.kind,
                severity: found.severity,
                node: node.to_owned(),
                group: group.to_owned(),
                since_ms: at_ms,
                at_ms,
                score,
                threshold,
                variables: found.variables,
                job: None,
                message: found.message,
            },
            told: false,
            told_ms: 0,
            pause_ms: PAUSE_MS,
            acknowledged: false,
            worse: false,
            changed: false,
            over: false,
        });
    }

    /// A finding is over.
    pub fn off(&mut self, group: &str, kind: Kind, at_ms: u64, message: String) {
        let mut known = self.active.iter_mut();
        if let Some(active) = known.find(|active| active.is(group, kind) && !active.over) {
            active.over = true;
            active.event.at_ms = at_ms;
            active.event.message = message;
        }
    }

    /// Begin of a finding that is on.
    pub fn since(&self, group: &str, kind: Kind) -> Option<u64> {
        let mut known = self.active.iter();
        let known = known.find(|active| active.is(group, kind) && !active.over)?;
        Some(known.event.since_ms)
    }

    /// Whether anything is on in a group, and since when.
    pub fn flagged(&self, group: &str) -> Option<u64> {
        let of = |active: &&Active| active.event.group == group && !active.over;
        let since = self.active.iter().filter(of);
        since.map(|active| active.event.since_ms).min()
    }

    /// Ends all findings of groups that are no longer there.
    pub fn keep(&mut self, groups: &[&str]) {
        for active in &mut self.active {
            if !groups.contains(&active.event.group.as_str()) {
                active.over = true;
                active.event.message = "The channels of this group are no longer there".to_owned();
            }
        }
    }

    /// Tells what is due.
    pub fn tell(&mut self, at_ms: u64, silenced: bool, job: Option<&str>, told: &mut Vec<Event>) {
        for active in &mut self.active {
            if active.over {
                if active.told {
                    active.event.phase = Phase::Clear;
                    told.push(active.event.clone());
                }
                continue;
            }
            if silenced || active.acknowledged {
                continue;
            }
            let pause = at_ms.saturating_sub(active.told_ms) >= active.pause_ms;
            if !active.told {
                *self.started.entry(active.event.kind).or_default() += 1;
                active.event.job = job.map(str::to_owned);
            } else if active.worse || (active.changed && pause) {
                active.event.phase = Phase::Update;
                active.pause_ms = (2 * active.pause_ms).min(LONGEST_MS);
            } else {
                continue;
            }
            active.told = true;
            active.told_ms = at_ms;
            (active.worse, active.changed) = (false, false);
            told.push(active.event.clone());
        }
        self.active.retain(|active| !active.over);
    }

    /// Someone has seen it.
    pub fn acknowledge(&mut self, id: u64) -> bool {
        let mut known = self.active.iter_mut();
        let known = known.find(|active| active.event.id == id && active.told);
        known.map(|active| active.acknowledged = true).is_some()
    }

    /// Takes over an event that was told before a restart.
    pub fn adopt(&mut self, event: &Event) {
        self.last_id = self.last_id.max(event.id);
        let group = event.group.as_str();
        if event.phase == Phase::Clear {
            return self.active.retain(|active| active.event.id != event.id);
        }
        let mut known = self.active.iter_mut();
        match known.find(|active| active.is(group, event.kind) && !active.over) {
            Some(active) => {
                active.event = event.clone();
                (active.told, active.told_ms) = (true, event.at_ms);
            }
            None => {
                *self.started.entry(event.kind).or_default() += 1;
                self.active.push(Active {
                    event: event.clone(),
                    told: true,
                    told_ms: event.at_ms,
                    pause_ms: PAUSE_MS,
                    acknowledged: false,
                    worse: false,
                    changed: false,
                    over: false,
                });
            }
        }
    }

    /// Those that are on and told, oldest first.
    pub fn active(&self) -> impl Iterator<Item = &Event> {
        let active = self.active.iter().filter(|active| active.told);
        active.map(|active| &active.event)
    }

    /// Findings told so far, by kind.
    pub const fn started(&self) -> &BTreeMap<Kind, u64> {
        &self.started
    }
}

impl Active {
    fn is(&self, group: &str, kind: Kind) -> bool {
        self.event.kind == kind && self.event.group == group
    }
}

/// Whether a channel that was not among those before is in front now.
fn is_new(before: &[Blamed], now: &[Blamed]) -> bool {
    let first = now.first();
    first.is_some_and(|first| before.iter().all(|of| of.channel != first.channel))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(channels: &[&str], severity: Severity) -> Found {
        let variables = channels.iter().map(|channel| Blamed {
            channel: (*channel).to_owned(),
            unit: String::new(),
            value: None,
            expected: None,
            share: 1.0,
        });
        Found {
            kind: Kind::Range,
            severity,
            score: None,
            variables: variables.collect(),
            message: String::new(),
        }
    }

    fn told(book: &mut Book, at_ms: u64, silenced: bool) -> Vec<Phase> {
        let mut told = Vec::new();
        book.tell(at_ms, silenced, None, &mut told);
        told.iter().map(|event| event.phase).collect()
    }

    /// Broken if people hear the same thing twice, or not at all.
    #[test]
    fn a_finding_is_told_at_start_when_worse_and_at_its_clear() {
        let (mut book, at) = (Book::default(), ("n", "g"));
        book.on(at, 1000, found(&["a"], Severity::Warning));
        assert_eq!(told(&mut book, 1000, false), [Phase::Start]);
        book.on(at, 2000, found(&["a"], Severity::Warning));
        assert_eq!(told(&mut book, 2000, false), []);
        book.on(at, 3000, found(&["b", "a"], Severity::Warning));
        assert_eq!(told(&mut book, 3000, false), [], "soon after the start");
        assert_eq!(told(&mut book, 602_000, false), [Phase::Update]);
        book.on(at, 603_000, found(&["b", "a"], Severity::Critical));
        assert_eq!(told(&mut book, 603_000, false), [Phase::Update], "worse");
        book.off("g", Kind::Range, 604_000, String::new());
        assert_eq!(told(&mut book, 604_000, false), [Phase::Clear]);
        assert_eq!(told(&mut book, 605_000, false), []);
        assert_eq!(book.started()[&Kind::Range], 1);
    }

    /// Broken if a silence swallows what outlasts it, or tells what did not.
    #[test]
    fn a_silence_hides_only_what_ends_within() {
        let (mut book, at) = (Book::default(), ("n", "g"));
        book.on(at, 1000, found(&["a"], Severity::Warning));
        assert_eq!(told(&mut book, 1000, true), []);
        book.off("g", Kind::Range, 2000, String::new());
        assert_eq!(told(&mut book, 2000, true), []);
        book.on(at, 3000, found(&["a"], Severity::Warning));
        assert_eq!(told(&mut book, 3000, true), []);
        assert_eq!(told(&mut book, 4000, false), [Phase::Start]);
        let id = book.active().next().unwrap().id;
        assert!(book.acknowledge(id) && !book.acknowledge(id + 1));
        book.on(at, 5000, found(&["c"], Severity::Critical));
        assert_eq!(told(&mut book, 900_000, false), [], "seen");
        book.off("g", Kind::Range, 901_000, String::new());
        assert_eq!(told(&mut book, 901_000, false), [Phase::Clear]);
    }

    /// Broken if an event that was told before a restart is told again, is lost, or shares its number.
    #[test]
    fn an_adopted_finding_goes_on() {
        let (mut before, at) = (Book::default(), ("n", "g"));
        before.on(at, 1000, found(&["a"], Severity::Warning));
        let mut events = Vec::new();
        before.tell(1000, false, None, &mut events);
        let mut book = Book::default();
        book.adopt(&events[0]);
        book.on(at, 900, found(&["a"], Severity::Warning));
        assert_eq!(told(&mut book, 900, false), []);
        assert!(book.acknowledge(1000));
        book.on(("n", "h"), 950, found(&["b"], Severity::Warning));
        let ids: Vec<u64> = book.active.iter().map(|active| active.event.id).collect();
        assert_eq!(ids, [1000, 1001], "the time was set back");
        book.off("g", Kind::Range, 2000, String::new());
        let mut last = Vec::new();
        book.tell(2000, false, None, &mut last);
        let of: Vec<_> = last.iter().map(|event| (event.id, event.phase)).collect();
        assert_eq!(of, [(1000, Phase::Clear), (1001, Phase::Start)]);
        book.adopt(&Event {
            phase: Phase::Clear,
            ..events[0].clone()
        });
        assert_eq!(book.active().count(), 1);
    }

    /// Broken if two findings share a number, also after the state was lost.
    #[test]
    fn numbers_ascend_with_time() {
        let mut book = Book::default();
        for group in ["a", "b", "c"] {
            book.on(("n", group), 1000, found(&[], Severity::Warning));
        }
        told(&mut book, 1000, false);
        let ids: Vec<u64> = book.active().map(|event| event.id).collect();
        assert_eq!(ids, [1000, 1001, 1002]);
    }
}
