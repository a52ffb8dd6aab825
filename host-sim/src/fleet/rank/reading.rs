//! Incidents from files: events of agents, and merged verdicts, a JSON object per line.

use super::incident::{Incident, Severity};
use crate::recording::time::clock::Clock;
use serde::Deserialize;
use std::collections::HashMap;
use std::io::{self, BufRead, Read};

/// Longest line that is read.
const LONGEST: u64 = 1 << 20;
/// Quiet frames within one incident of a detector without alarms.
const GAP: u64 = 10;

/// Incidents read so far, and the lines that are none.
#[derive(Debug, Default)]
pub struct Reading {
    incidents: Vec<Incident>,
    /// Incidents of agents, by node and number.
    by_id: HashMap<(String, u64), usize>,
    /// The last incident of verdicts, by node, with its last frame.
    by_node: HashMap<String, (usize, u64)>,
    clocks: HashMap<String, Clock>,
    /// Lines that are no events, with the reason.
    pub odd: Vec<String>,
    /// Number of these lines.
    pub odd_count: u64,
}

/// Lines that are quoted as odd, at most.
const QUOTED: usize = 5;

#[derive(Deserialize)]
struct Line {
    node: Option<String>,
    // Of an agent's event.
    id: Option<u64>,
    phase: Option<String>,
    kind: Option<String>,
    severity: Option<String>,
    since_ms: Option<u64>,
    at_ms: Option<u64>,
    job: Option<String>,
    message: Option<String>,
    // Of a verdict.
    tick: Option<u64>,
    timestamp: Option<serde_json::Value>,
    state: Option<String>,
    alarm: Option<Alarm>,
    finding: Option<Finding>,
    #[serde(default)]
    blamed: Vec<Variable>,
    #[serde(default)]
    largest: Vec<Variable>,
    #[serde(default)]
    confirmed: Option<serde_json::Value>,
    // Other lines of results.
    begin: Option<serde_json::Value>,
    end: Option<serde_json::Value>,
    fleet: Option<serde_json::Value>,
    recording: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Alarm {
    phase: String,
    grade: String,
}

#[derive(Deserialize)]
struct Finding {
    kind: String,
    #[serde(default)]
    variable: String,
}

#[derive(Deserialize)]
struct Variable {
    variable: String,
}

impl Reading {
    /// Reads lines; `file` is their name. A line that is no event is counted and passed over.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&mut self, file: &str, mut input: impl BufRead) -> io::Result<()> {
        let (mut bytes, mut number) = (Vec::new(), 0_u64);
        loop {
            bytes.clear();
            number += 1;
            if input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(());
            }
            let cut = bytes.len() as u64 == LONGEST && !bytes.ends_with(b"\n");
            if cut {
                skip_line(&mut input)?;
            }
            let text = bytes.trim_ascii();
            if text.is_empty() {
                continue;
            }
            let taken = match cut {
                true => Err(format!("longer than {LONGEST} bytes")),
                false => self.take(text),
            };
            if let Err(reason) = taken {
                self.odd_count += 1;
                if self.odd.len() < QUOTED {
                    self.odd.push(format!("{file}: line {number}: {reason}"));
                }
            }
        }
    }

    /// All incidents.
    pub fn finish(self) -> Vec<Incident> {
        self.incidents
    }

    fn take(&mut self, text: &[u8]) -> Result<(), String> {
        let line: Line = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if line.fleet.is_some() {
            return Ok(());
        }
        let node = line.node.clone().filter(|node| !node.is_empty());
        let node = node.ok_or("no node")?;
        if line.begin.is_some() || line.end.is_some() || line.recording.is_some() {
            return Ok(());
        }
        match (line.id, line.tick) {
            (Some(id), _) => self.event(node, id, line),
            (None, Some(tick)) => self.verdict(node, tick, &line),
            _ => Err("neither an event (id) nor a verdict (tick)".to_owned()),
        }
    }

    fn event(&mut self, node: String, id: u64, line: Line) -> Result<(), String> {
        let at = line.at_ms.ok_or("no at_ms")? as f64 / 1e3;
        let since = line.since_ms.map_or(at, |since| since as f64 / 1e3).min(at);
        let severity = Severity::of(line.severity.as_deref().ok_or("no severity")?);
        let on = line.phase.as_deref().ok_or("no phase")? != "clear";
        let incident = Incident {
            node: node.clone(),
            kind: line.kind.ok_or("no kind")?,
            severity,
            since,
            until: at,
            on,
            job: line.job.filter(|job| !job.is_empty()),
            what: line.message.unwrap_or_default(),
        };
        match self.by_id.get(&(node.clone(), id)) {
            Some(place) => {
                if let Some(known) = self.incidents.get_mut(*place) {
                    if known.until <= incident.until {
                        known.on = incident.on;
                    }
                    known.since = known.since.min(incident.since);
                    known.until = known.until.max(incident.until);
                    if incident.severity > known.severity {
                        known.what = incident.what;
                    }
                    known.severity = known.severity.max(incident.severity);
                    known.job = known.job.take().or(incident.job);
                }
            }
            None => {
                self.by_id.insert((node, id), self.incidents.len());
                self.incidents.push(incident);
            }
        }
        Ok(())
    }

    fn verdict(&mut self, node: String, tick: u64, line: &Line) -> Result<(), String> {
        let time = match &line.timestamp {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => return Err("no timestamp".to_owned()),
        };
        let clock = self.clocks.entry(node.clone()).or_default();
        let at = clock.read(&time).unwrap_or(tick as f64);
        let confirmed = match &line.confirmed {
            Some(serde_json::Value::Array(of)) => of.first(),
            _ => None,
        };
        let anomalous = line.state.as_deref() == Some("anomalous") || confirmed.is_some();
        let (severity, start) = match &line.alarm {
            Some(alarm) => (Severity::of(&alarm.grade), alarm.phase == "start"),
            None if anomalous => (Severity::Warning, false),
            None => return Ok(()),
        };
        let named = line.blamed.first().or(line.largest.first());
        let variable = named.map(|of| of.variable.as_str()).or_else(|| {
            let of = confirmed?.get("variable")?;
            of.as_str()
        });
        let what = match &line.finding {
            Some(found) => format!("{} of {}", found.kind, found.variable),
            None => variable.unwrap_or_default().to_owned(),
        };
        let last = self.by_node.get(&node).copied();
        let known = last.filter(|(_, before)| !start && tick.saturating_sub(*before) <= GAP);
        match known.and_then(|(place, _)| Some((place, self.incidents.get_mut(place)?))) {
            Some((place, known)) => {
                known.until = known.until.max(at);
                if severity > known.severity {
                    (known.severity, known.what) = (severity, what);
                }
                self.by_node.insert(node, (place, tick));
            }
            None => {
                self.by_node
                    .insert(node.clone(), (self.incidents.len(), tick));
                self.incidents.push(Incident {
                    node,
                    kind: "anomaly".to_owned(),
                    severity,
                    since: at,
                    until: at,
                    on: false,
                    job: line.job.clone(),
                    what,
                });
            }
        }
        Ok(())
    }
}

/// Reads to the end of a line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |place| place + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Reading {
        let mut reading = Reading::default();
        reading.read("x.jsonl", text).unwrap();
        reading
    }

    fn event(phase: &str, severity: &str, at: u64) -> String {
        format!(
            r#"{{"id":4,"phase":"{phase}","kind":"stuck","severity":"{severity}","node":"n1","group":"hwmon","since_ms":1000,"at_ms":{at},"score":null,"threshold":null,"variables":[],"job":"7","message":"fan is stuck"}}"#
        )
    }

    /// Broken by an incident per line of an event.
    #[test]
    fn an_event_is_one_incident_from_its_start_to_its_clear() {
        let lines = [
            event("start", "warning", 1000),
            event("update", "critical", 5000),
        ];
        let found = read(lines.join("\n").as_bytes()).finish();
        assert_eq!(found.len(), 1);
        let of = &found[0];
        assert_eq!(
            (of.severity, of.on, of.lasts()),
            (Severity::Critical, true, 4.0)
        );
        let lines = [lines.join("\n"), event("clear", "warning", 9000)];
        let found = read(lines.join("\n").as_bytes()).finish();
        assert_eq!((found[0].on, found[0].lasts()), (false, 8.0));
        assert_eq!(found[0].severity, Severity::Critical);
        assert_eq!(found[0].job.as_deref(), Some("7"));
    }

    #[test]
    fn verdicts_with_alarms_are_incidents_from_start_to_start() {
        let verdict = |tick: u64, phase: &str, grade: &str| {
            format!(
                r#"{{"node":"a","tick":{tick},"timestamp":{},"state":"anomalous","largest":[{{"variable":"p"}}],"alarm":{{"phase":"{phase}","grade":"{grade}","age":1,"basis":"rows"}},"finding":{{"kind":"step","variable":"q"}}}}"#,
                60 * tick + 1_700_000_000
            )
        };
        let text = [
            r#"{"node":"a","begin":{"detector":"sentinel"}}"#.to_owned(),
            verdict(5, "start", "warning"),
            verdict(6, "update", "critical"),
            verdict(7, "start", "warning"),
            r#"{"node":"a","tick":40,"timestamp":1,"state":"normal"}"#.to_owned(),
            r#"{"fleet":{"nodes":1}}"#.to_owned(),
        ];
        let reading = read(text.join("\n").as_bytes());
        assert_eq!(reading.odd_count, 0, "{:?}", reading.odd);
        let found = reading.finish();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (found[0].severity, found[0].lasts()),
            (Severity::Critical, 60.0)
        );
        assert_eq!(found[0].what, "step of q");
    }

    /// Broken by a line that stops the others, or by one that is lost without a word.
    #[test]
    fn odd_lines_are_counted_and_named() {
        let good = event("start", "warning", 1000);
        let long = format!("{{\"node\":\"{}\"", "x".repeat(LONGEST as usize));
        let mut text = Vec::new();
        for line in [
            &b"{\"id\":4"[..],
            b"\xff\xfe",
            b"[]",
            b"{}",
            long.as_bytes(),
        ] {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        text.extend_from_slice(b"{\"node\":\"a\",\"id\":-1}\n{\"node\":\"a\"}\n\n");
        text.extend_from_slice(good.as_bytes());
        let reading = read(&text);
        assert_eq!(reading.odd_count, 7, "{:?}", reading.odd);
        assert!(reading.odd[4].starts_with("x.jsonl: line 5: longer than"));
        assert_eq!(reading.finish().len(), 1);
    }
}
