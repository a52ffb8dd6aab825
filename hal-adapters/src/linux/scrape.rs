//! Metrics of exporters, in the text format of Prometheus: an endpoint of this machine, or files that others write.
//!
//! A series' identity is its name and its labels, sorted: `scrape/dcgm/DCGM_FI_DEV_GPU_TEMP{gpu="0"}`. Gauges and
//! counters are channels; histograms and summaries are not. Series that appear later are not added.

mod exposition;
#[cfg(feature = "http")]
mod fetch;

use super::errors;
use super::probe::{Channel, Probe, Raw};
use super::selection::Selection;
use super::value;
use bellwether::Cause;
use core::time::Duration;
use exposition::{Kind, Lines, Problem};
use std::borrow::ToOwned;
use std::boxed::Box;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{fmt, format};

/// Bytes of one answer or file, at most.
pub const BYTES_MAX: usize = 16 << 20;

/// The part of an answer that is taken.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name: the second part of the identities.
    pub name: String,
    /// The series that are wanted, by parts of `metric{label="value"}`.
    pub selection: Selection,
    /// Labels that are left out of identities, as the name of the node or the version of a driver.
    pub without_labels: Vec<String>,
    /// Parts of names of further counters of errors.
    pub errors: Vec<String>,
    /// Series, at most: more are an error at start.
    pub most: usize,
    /// Least time between two readings.
    pub period: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "local".to_owned(),
            selection: Selection::default(),
            without_labels: Vec::new(),
            errors: Vec::new(),
            most: 2000,
            period: Duration::from_secs(5),
        }
    }
}

/// The reason why there is nothing to read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScrapeError {
    /// It cannot be read.
    Io(io::Error),
    /// It is larger than the bounds.
    Large,
    /// It has no series that are wanted.
    Empty,
    /// It has more series than wanted.
    Many(usize),
}

impl fmt::Display for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Large => f.write_str("more than 16 MiB or 100,000 lines"),
            Self::Empty => f.write_str("no gauge or counter that is wanted"),
            Self::Many(count) => write!(
                f,
                "{count} series, more than wanted: allow some, deny others"
            ),
        }
    }
}

impl core::error::Error for ScrapeError {}

impl From<io::Error> for ScrapeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Problem> for ScrapeError {
    fn from(_: Problem) -> Self {
        Self::Large
    }
}

/// A place to read the text from, into a buffer that is kept.
type Source = Box<dyn FnMut(&mut Vec<u8>) -> Result<(), ScrapeError> + Send>;

/// The series that were there at start.
pub struct Scrape {
    source: Source,
    name: String,
    settings: Settings,
    channels: Vec<Channel>,
    places: HashMap<String, usize>,
    text: Vec<u8>,
    seen: Vec<bool>,
}

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = self.channels.len();
        f.debug_struct("Scrape")
            .field("name", &self.name)
            .field("channels", &channels)
            .finish_non_exhaustive()
    }
}

impl Scrape {
    /// Reads a file, or all files `*.prom` of a folder, as node_exporter's textfile collector does.
    ///
    /// # Errors
    /// It cannot be read, is too large, or has no series that are wanted.
    pub fn file(path: impl AsRef<Path>, settings: Settings) -> Result<Self, ScrapeError> {
        let path = path.as_ref().to_owned();
        Self::open(Box::new(move |text| files(&path, text)), settings)
    }

    /// Reads an endpoint, as `http://127.0.0.1:9400/metrics`, and waits no longer than the limit. `roots` are the
    /// certificates in PEM that are trusted; without them, `https` is refused.
    ///
    /// # Errors
    /// As [`Self::file`].
    #[cfg(feature = "http")]
    pub fn http(
        url: &str,
        limit: Duration,
        roots: Option<&[u8]>,
        settings: Settings,
    ) -> Result<Self, ScrapeError> {
        Self::open(fetch::source(url, limit, roots)?, settings)
    }

    fn open(mut source: Source, settings: Settings) -> Result<Self, ScrapeError> {
        let mut text = Vec::new();
        source(&mut text)?;
        let mut probe = Self {
            source,
            name: format!("scrape/{}", settings.name),
            settings,
            channels: Vec::new(),
            places: HashMap::new(),
            text,
            seen: Vec::new(),
        };
        probe.discover()?;
        Ok(probe)
    }

    fn discover(&mut self) -> Result<(), ScrapeError> {
        let Self {
            settings,
            channels,
            places,
            name,
            ..
        } = self;
        let mut lines = Lines::new(&self.text, &settings.without_labels);
        let mut twice = Vec::new();
        while let Some(series) = lines.next()? {
            if series.kind == Kind::Other || !settings.selection.admits(series.identity) {
                continue;
            }
            if places.contains_key(series.identity) {
                twice.push(series.identity.to_owned());
                continue;
            }
            let counter = series.kind == Kind::Counter;
            places.insert(series.identity.to_owned(), channels.len());
            channels.push(Channel {
                identity: format!("{name}/{}", series.identity),
                chip: series.label("chip").unwrap_or(&settings.name).to_owned(),
                sensor: series.label("sensor").unwrap_or(series.identity).to_owned(),
                unit: "",
                measure: errors::measure(series.metric, counter, &settings.errors),
            });
        }
        // Two series of one identity: which one is meant cannot be told.
        for identity in &twice {
            places.remove(identity);
        }
        if !twice.is_empty() {
            let prefix = name.len() + 1;
            channels.retain(|c| {
                c.identity
                    .get(prefix..)
                    .is_some_and(|i| places.contains_key(i))
            });
            for (place, channel) in channels.iter().enumerate() {
                if let Some(known) = channel
                    .identity
                    .get(prefix..)
                    .and_then(|i| places.get_mut(i))
                {
                    *known = place;
                }
            }
        }
        match channels.len() {
            0 => Err(ScrapeError::Empty),
            many if many > settings.most => Err(ScrapeError::Many(many)),
            _ => Ok(()),
        }
    }

    fn take(&mut self, into: &mut [Raw]) -> Result<(), ScrapeError> {
        self.text.clear();
        (self.source)(&mut self.text)?;
        let mut lines = Lines::new(&self.text, &self.settings.without_labels);
        self.seen.clear();
        self.seen.resize(self.channels.len(), false);
        while let Some(series) = lines.next()? {
            let Some(place) = self.places.get(series.identity) else {
                continue;
            };
            if let (Some(value), Some(seen)) = (into.get_mut(*place), self.seen.get_mut(*place)) {
                // Twice in one answer: neither value is better.
                *value = if *seen {
                    Err(Cause::Sensor)
                } else {
                    value::raw(series.value)
                };
                *seen = true;
            }
        }
        Ok(())
    }
}

impl Probe for Scrape {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Reads the endpoint or the files once. A text that is too large gives nothing.
    fn read(&mut self, into: &mut [Raw]) {
        into.fill(Err(Cause::Missing));
        if self.take(into).is_err() {
            into.fill(Err(Cause::Sensor));
        }
    }

    fn period(&self) -> Duration {
        self.settings.period
    }
}

/// The text of a file, or of the files of a folder.
fn files(path: &Path, text: &mut Vec<u8>) -> Result<(), ScrapeError> {
    let mut paths: Vec<PathBuf> = if path.is_dir() {
        let entries = path.read_dir()?.flatten().map(|entry| entry.path());
        entries
            .filter(|path| path.extension().is_some_and(|end| end == "prom"))
            .take(1000)
            .collect()
    } else {
        [path.to_owned()].into()
    };
    paths.sort();
    for path in paths {
        // A pipe in place of a file would wait for its writer.
        if path.metadata()?.is_file() {
            append(File::open(path)?, text)?;
            text.push(b'\n');
        }
    }
    Ok(())
}

/// Appends what a reader has, within the bounds.
fn append(input: impl Read, text: &mut Vec<u8>) -> Result<(), ScrapeError> {
    let left = (BYTES_MAX + 1).saturating_sub(text.len());
    input.take(left as u64).read_to_end(text)?;
    if text.len() > BYTES_MAX {
        Err(ScrapeError::Large)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
