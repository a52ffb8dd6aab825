//! The learned state as bytes, and back.
//!
//! ```text
//! "BWJUDGE\0"  version u16  length of the body u32  CRC-32 of the body u32   body, postcard        little endian
//! ```
//!
//! Channels are taken over by identity: what watchers know outlives the coming and going of other sensors. A group's
//! models belong to its members, and a group of other members learns anew.

use super::Judge;
use super::book::Book;
use super::group::{Group, Lasting};
use super::level::{self, Level};
use super::model;
use super::peers::Beside;
use super::watch::Watch;
use anyhow::{Context, bail, ensure};
use bellwether::wire::checksum;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const MAGIC: &[u8; 8] = b"BWJUDGE\0";
const VERSION: u16 = 1;
const HEADER: usize = 18;

#[derive(Serialize, Deserialize)]
struct Body {
    at_ms: u64,
    frame_s: u32,
    channels: Vec<(String, Watch, Beside)>,
    groups: Vec<Saved>,
    book: Book,
    job: Option<String>,
    silent_ms: Option<u64>,
    suppressed: u64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    name: String,
    hash: u64,
    tick: u64,
    fitted_to: u32,
    lasting: Lasting,
    accepted: bool,
    sensors: Vec<u8>,
    first: Option<model::Saved>,
    second: Option<model::Saved>,
    levels: [level::Saved; 2],
}

impl Judge {
    /// The learned state as bytes.
    pub fn save(&self) -> Vec<u8> {
        let channels = self.channels.iter().zip(&self.places).zip(&self.beside);
        let channels = channels.filter_map(|((channel, (group, within)), beside)| {
            let watchers = &self.groups.get(*group)?.watchers;
            let state = watchers.states.get(*within)?.clone();
            Some((channel.identity.clone(), state, *beside))
        });
        let body = Body {
            at_ms: self.at_ms,
            frame_s: self.settings.frame_s,
            channels: channels.collect(),
            groups: self.groups.iter().map(|group| self.saved(group)).collect(),
            book: self.book.clone(),
            job: self.job.clone(),
            silent_ms: self.silent_ms,
            suppressed: self.suppressed,
        };
        // Nothing in it can fail: no map with keys that are no text, no sequence without a length.
        let body = postcard::to_allocvec(&body).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&checksum(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    fn saved(&self, group: &Group) -> Saved {
        let rules = &self.choices.rules;
        Saved {
            name: group.name.clone(),
            hash: group.hash,
            tick: group.tick,
            fitted_to: group.fitted_to,
            lasting: group.lasting,
            accepted: group.accepted,
            sensors: group.watchers.sensors.save(),
            first: group.first.as_ref().map(|model| model.save()),
            second: group.second.as_ref().map(|model| model.save()),
            levels: [0, 1].map(|level| {
                let level: Option<&Level> = group.levels.get(level);
                level.map(|level| level.save(rules)).unwrap_or_default()
            }),
        }
    }

    /// Takes over a saved state, channel by channel and group by group; answers in one line what was taken over.
    ///
    /// # Errors
    /// The bytes are damaged. Nothing has changed.
    pub fn restore(&mut self, bytes: &[u8]) -> anyhow::Result<String> {
        let body = body(bytes)?;
        let known = body.channels.into_iter();
        let known = known.map(|(identity, watch, beside)| (identity, (watch, beside)));
        let mut known: HashMap<String, (Watch, Beside)> = known.collect();
        let mut taken = 0_usize;
        let places = self.places.iter().zip(&mut self.beside);
        for (channel, ((group, within), of)) in self.channels.iter().zip(places) {
            let group = self.groups.get_mut(*group);
            let place = group.and_then(|group| group.watchers.states.get_mut(*within));
            if let (Some(place), Some((watch, beside))) = (place, known.remove(&channel.identity)) {
                (*place, *of) = (watch, beside);
                taken += 1;
            }
        }
        let mut line = format!("{taken} of {} channels", self.channels.len());
        if !known.is_empty() {
            line = format!("{line}, {} are gone", known.len());
        }
        let (mut models, mut anew) = (0_usize, Vec::new());
        let same_frames = body.frame_s == self.settings.frame_s;
        for group in &mut self.groups {
            let mut saved = body.groups.iter();
            let saved = saved.find(|saved| saved.name == group.name);
            let Some(saved) = saved.filter(|saved| saved.hash == group.hash) else {
                if saved.is_some() {
                    anew.push(format!("{} has other members", group.name));
                }
                continue;
            };
            if !group.watchers.sensors.restore(&saved.sensors) {
                anew.push(format!("watchers of {}", group.name));
            }
            if !same_frames {
                anew.push(format!("{} has frames of another length", group.name));
                continue;
            }
            match take_over(group, saved, &self.choices.rules) {
                Ok(true) => models += 1,
                Ok(false) => {}
                Err(error) => anew.push(format!("{}: {error:#}", group.name)),
            }
        }
        line = format!(
            "{line}; {models} of {} groups with models",
            self.groups.len()
        );
        if !anew.is_empty() {
            line = format!("{line}; learned anew: {}", anew.join(", "));
        }
        self.book = body.book;
        let names = self.groups.iter().map(|group| group.name.as_str());
        let trained = self.trained.is_some().then_some(super::MODEL);
        let names: Vec<&str> = names.chain(trained).collect();
        self.book.keep(&names);
        (self.job, self.silent_ms) = (body.job, body.silent_ms);
        self.suppressed = body.suppressed;
        Ok(line)
    }
}

/// Takes over models and alarms; whether there is a model.
fn take_over(
    group: &mut Group,
    saved: &Saved,
    rules: &bellwether::alarm::Rules<{ level::BUCKETS }>,
) -> anyhow::Result<bool> {
    let width = group.members.len();
    let restore = |saved: &Option<model::Saved>| {
        let saved = saved.as_ref();
        saved.map(|saved| model::restore(width, saved)).transpose()
    };
    let (first, second) = (restore(&saved.first)?, restore(&saved.second)?);
    let [idle, busy] = &saved.levels;
    let level = |saved| Level::restore(rules, saved);
    let levels = [level(idle), level(busy)];
    let levels = match levels {
        [Ok(idle), Ok(busy)] => [idle, busy],
        _ => bail!("its alarms are of another kind"),
    };
    group.levels = levels;
    (group.first, group.second) = (first, second);
    group.fitted_to = saved.fitted_to;
    (group.tick, group.lasting, group.accepted) = (saved.tick, saved.lasting, saved.accepted);
    Ok(group.first.is_some())
}

/// The body of a state.
fn body(bytes: &[u8]) -> anyhow::Result<Body> {
    let (magic, rest) = bytes.split_first_chunk::<8>().context("too short")?;
    ensure!(magic == MAGIC, "not a state of the agent");
    let (version, rest) = rest.split_first_chunk::<2>().context("too short")?;
    let version = u16::from_le_bytes(*version);
    ensure!(
        version == VERSION,
        "version {version}; this agent reads {VERSION}"
    );
    let (length, rest) = rest.split_first_chunk::<4>().context("too short")?;
    let (crc, body) = rest.split_first_chunk::<4>().context("too short")?;
    let length = u32::from_le_bytes(*length) as usize;
    ensure!(
        body.len() == length,
        "{} bytes where the header says {length}",
        body.len()
    );
    ensure!(
        checksum(body) == u32::from_le_bytes(*crc),
        "a wrong checksum"
    );
    let (parsed, rest) = postcard::take_from_bytes::<Body>(body).context("a damaged body")?;
    ensure!(rest.is_empty(), "{} bytes behind the body", rest.len());
    Ok(parsed)
}
