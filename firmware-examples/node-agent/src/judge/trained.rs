//! A trained model beside the groups: an autoencoder of this node (Borghesi et al., 2019, arXiv 1811.05269), one more
//! score with its alarm.
//!
//! The file is the format of `docs/formats/model-blob.md`. Each of its columns is the channel of the same identity,
//! and its rows are the agent's frames. A column without a channel is absent; with fewer than half of the columns the
//! model says nothing, and is refused. The model's own advice on thresholds and confirmation counts. Its moving parts
//! begin anew at a restart.

use super::Judge;
use super::book::Found;
use super::message;
use crate::event::{Blamed, Kind, Severity};
use crate::state::file::open_trusted;
use crate::status::GroupStatus;
use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bellwether::autoencoder::{Alarm, Rules};
use bellwether::{Autoencoder, Model};
use bellwether_hal::linux::probe::Channel;
use std::io::Read as _;
use std::path::Path;

/// The group of its alarms.
pub const GROUP: &str = "model";
/// Values of the widest two layers, at most.
const ARENA: usize = 16_384;
/// The largest file, in bytes.
const LARGEST: u64 = 64 << 20;
/// A model begins at a multiple of this.
const ALIGNMENT: usize = 4;
/// Variables that an event names.
const TOP: usize = 8;
/// Columns without a channel that are named.
const NAMED: usize = 8;
/// Of a public key in PEM: what X.509 says in front of its 32 bytes (RFC 8410).
const PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The model, and its state.
pub struct Trained {
    store: Vec<u8>,
    start: usize,
    length: usize,
    /// The channel of each column.
    columns: Vec<Option<usize>>,
    row: Vec<f32>,
    detector: Box<Autoencoder<ARENA>>,
    alarm: Alarm,
    score: Option<f32>,
    threshold: Option<f32>,
    on: bool,
}

impl Trained {
    /// Reads a model, which the holder of the key must have signed if there is a key. Answers with a line about its
    /// columns.
    ///
    /// # Errors
    /// A file cannot be read or others can write it; the model is damaged, not signed, or of a kind that frames do
    /// not suit; most of its columns are not here.
    pub fn load(
        path: &Path,
        key: Option<&Path>,
        channels: &[Channel],
    ) -> anyhow::Result<(Self, String)> {
        let load = || -> anyhow::Result<(Self, String)> {
            let bytes = read(path, LARGEST)?;
            let key = key
                .map(|path| public(path).with_context(|| path.display().to_string()))
                .transpose()?;
            Self::new(&bytes, key.as_ref(), channels)
        };
        load().with_context(|| path.display().to_string())
    }

    /// As [`Self::load`], of bytes.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn new(
        bytes: &[u8],
        key: Option<&[u8; 32]>,
        channels: &[Channel],
    ) -> anyhow::Result<(Self, String)> {
        let mut store = vec![0; bytes.len() + ALIGNMENT];
        let start = store.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        let place = store
            .get_mut(start..start + bytes.len())
            .context("no room")?;
        place.copy_from_slice(bytes);
        let mut trained = Self {
            store,
            start,
            length: bytes.len(),
            columns: Vec::new(),
            row: Vec::new(),
            detector: Box::default(),
            alarm: Alarm::new(),
            score: None,
            threshold: None,
            on: false,
        };
        let model = match key {
            Some(key) => Model::parse_signed(trained.bytes(), key)?,
            None => Model::parse(trained.bytes())?,
        };
        let _: Rules<'_, ARENA> = Rules::new(model)?;
        ensure!(
            model.front_end().is_none(),
            "a model of signals: frames do not suit it"
        );
        let features: Vec<&str> = model.features().map(|feature| feature.name).collect();
        if model.inputs() != features.len() {
            bail!("a model of windows of several frames, which are not kept");
        }
        let place = |name: &&str| {
            channels
                .iter()
                .position(|channel| channel.identity == **name)
        };
        let columns: Vec<Option<usize>> = features.iter().map(place).collect();
        let gone: Vec<&str> = features
            .iter()
            .zip(&columns)
            .filter(|(_, at)| at.is_none())
            .map(|(name, _)| *name)
            .collect();
        let here = features.len() - gone.len();
        let mut line = format!("{here} of {} columns are here", features.len());
        if !gone.is_empty() {
            let named = gone
                .iter()
                .take(NAMED)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let more = if gone.len() > NAMED {
                format!(" and {} more", gone.len() - NAMED)
            } else {
                String::new()
            };
            line = format!("{line}; missing: {named}{more}");
        }
        ensure!(2 * here >= features.len() && here > 0, "{line}");
        trained.columns = columns;
        Ok((trained, line))
    }

    fn bytes(&self) -> &[u8] {
        self.store
            .get(self.start..self.start + self.length)
            .unwrap_or_default()
    }

    /// Judges a frame of all channels. `None` if the model says nothing; else the variables of a confirmed alarm.
    fn take(&mut self, means: &[f32]) -> Option<Option<Vec<(usize, Blamed)>>> {
        let of = |column: &Option<usize>| {
            column
                .and_then(|at| means.get(at).copied())
                .unwrap_or(f32::NAN)
        };
        self.row.clear();
        self.row.extend(self.columns.iter().map(of));
        let bytes = self.store.get(self.start..self.start + self.length)?;
        // The bytes were checked once, and nobody has written to them.
        let rules: Rules<'_, ARENA> = Rules::new(Model::parse(bytes).ok()?).ok()?;
        let answer = self.detector.assess(&rules, self.row.iter().copied());
        let answer = self.alarm.observe(&rules, &self.detector, answer);
        (self.score, self.threshold) = (answer.score, answer.threshold);
        answer.score?;
        self.on = self.alarm.is_confirmed();
        if !self.on {
            return Some(None);
        }
        let top = self.detector.top::<TOP>(&rules, self.row.iter().copied());
        let sum: f32 = self
            .detector
            .contributions(&rules, self.row.iter().copied())
            .map(|part| part.error.powi(2))
            .sum();
        let blamed = top.iter().flatten().filter_map(|part| {
            let blamed = Blamed {
                channel: String::new(),
                unit: String::new(),
                value: Some(part.value),
                expected: Some(part.expected),
                share: part.error.powi(2) / sum.max(f32::MIN_POSITIVE),
            };
            Some(((*self.columns.get(part.feature)?)?, blamed))
        });
        Some(Some(blamed.collect()))
    }

    /// Its state, as that of a group.
    pub(super) fn status(&self) -> GroupStatus {
        GroupStatus {
            name: GROUP.to_owned(),
            variables: self.columns.iter().flatten().count(),
            warming: 0,
            score: self.score,
            threshold: self.threshold,
            severity: None,
            alarm_at: 0.0,
            alarmed: self.on,
        }
    }

    /// Bytes of model and state.
    pub(super) fn state_bytes(&self) -> usize {
        self.store.len() + 12 * self.columns.len() + size_of::<Autoencoder<ARENA>>()
    }
}

impl Judge {
    /// Puts a trained model beside the groups, or takes it away.
    pub fn set_trained(&mut self, trained: Option<Trained>) {
        self.trained = trained;
    }

    /// Lets the model judge the frame that has ended.
    pub(super) fn judge_trained(&mut self) {
        let Some(trained) = &mut self.trained else {
            return;
        };
        let since = self.book.since(GROUP, Kind::Anomaly);
        match trained.take(self.frames.means()) {
            None => {}
            Some(None) => {
                if let Some(since) = since {
                    let lasted = self.at_ms.saturating_sub(since) / 1000;
                    self.book.off(
                        GROUP,
                        Kind::Anomaly,
                        self.at_ms,
                        message::clear(Kind::Anomaly, lasted),
                    );
                }
            }
            // As those of groups, no alarm begins while a job does.
            Some(Some(_)) if since.is_none() && self.at_ms < self.settle_ms => {}
            Some(Some(parts)) => {
                let named = parts.into_iter().filter_map(|(place, blamed)| {
                    let channel = self.channels.get(place)?;
                    let (channel, unit) = (channel.identity.clone(), channel.unit.to_owned());
                    Some(Blamed {
                        channel,
                        unit,
                        ..blamed
                    })
                });
                let variables: Vec<Blamed> = named.collect();
                let score = trained.score.zip(trained.threshold);
                let message = message::anomaly(GROUP, &variables, score.unwrap_or_default());
                let found = Found {
                    kind: Kind::Anomaly,
                    severity: Severity::Warning,
                    score,
                    variables,
                    message,
                };
                self.book.on((&self.node, GROUP), self.at_ms, found);
            }
        }
    }
}

fn read(path: &Path, largest: u64) -> anyhow::Result<Vec<u8>> {
    let file = open_trusted(path)?.context("there is no such file")?;
    let mut bytes = Vec::new();
    file.take(largest + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= largest, "more than {largest} bytes");
    Ok(bytes)
}

/// The 32 bytes of a public key in PEM, as OpenSSL and `bellwether model keygen` write it.
fn public(path: &Path) -> anyhow::Result<[u8; 32]> {
    let text = String::from_utf8(read(path, 4096)?).context("no public key")?;
    key_of(&text).context("no public key (PEM, Ed25519)")
}

fn key_of(text: &str) -> Option<[u8; 32]> {
    let (_, behind) = text.split_once("-----BEGIN PUBLIC KEY-----")?;
    let (body, _) = behind.split_once("-----END PUBLIC KEY-----")?;
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(body).ok()?;
    bytes.strip_prefix(&PREFIX)?.try_into().ok()
}

#[cfg(test)]
mod tests;
