//! Metrics of exporters, from an endpoint or from files.

use super::pending;
use anyhow::{Context as _, bail};
use bellwether_hal::linux::probe::Probe;
use bellwether_hal::linux::scrape::{self, ScrapeError};
use bellwether_hal::linux::selection::Selection;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// Section `[[sources.scrape]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scrape {
    /// Its name, the second part of the identities.
    pub name: String,
    /// The endpoint, as `http://127.0.0.1:9400/metrics`.
    #[serde(default)]
    pub url: Option<String>,
    /// In its place: a file, or a folder with files `*.prom`.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// Parts of `metric{label="value"}`; if there are any, only series with one of them are read.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Parts of `metric{label="value"}`; series with one of them are not read.
    #[serde(default)]
    pub deny: Vec<String>,
    /// Labels that are left out of identities.
    #[serde(default = "without_labels")]
    pub without_labels: Vec<String>,
    /// Parts of names of further counters of errors.
    #[serde(default)]
    pub errors: Vec<String>,
    /// Series, at most.
    #[serde(default = "most")]
    pub most: u32,
    /// Longest wait for an answer, in seconds.
    #[serde(default = "limit")]
    pub limit_s: u32,
    /// Least time between two readings, in seconds.
    #[serde(default = "period")]
    pub period_s: u32,
}

/// The labels that DCGM's exporter repeats in each series although the GPU is named by its number.
fn without_labels() -> Vec<String> {
    let labels = ["Hostname", "UUID", "modelName", "DCGM_FI_DRIVER_VERSION"];
    labels.map(str::to_owned).into()
}

fn most() -> u32 {
    2000
}

fn limit() -> u32 {
    5
}

fn period() -> u32 {
    5
}

impl Scrape {
    pub(super) fn open(&self) -> anyhow::Result<Box<dyn Probe>> {
        let settings = scrape::Settings {
            name: self.name.clone(),
            selection: Selection {
                allow: self.allow.clone(),
                deny: self.deny.clone(),
            },
            without_labels: self.without_labels.clone(),
            errors: self.errors.clone(),
            most: self.most as usize,
            period: Duration::from_secs(self.period_s.max(1).into()),
        };
        let name = format!("scrape/{}", self.name);
        match (&self.url, &self.path) {
            (Some(url), None) => endpoint(name, url.clone(), self.limit_s, settings),
            (None, Some(path)) => {
                let path = path.clone();
                let open = move || scrape::Scrape::file(&path, settings.clone());
                pending::open(name, passes, open)
            }
            _ => bail!("[sources.scrape {}] needs one of url and path", self.name),
        }
        .context("a source cannot be read")
    }
}

#[cfg(feature = "scrape")]
fn endpoint(
    name: String,
    url: String,
    limit_s: u32,
    settings: scrape::Settings,
) -> anyhow::Result<Box<dyn Probe>> {
    let limit = Duration::from_secs(limit_s.max(1).into());
    let open = move || scrape::Scrape::http(&url, limit, None, settings.clone());
    pending::open(name, passes, open)
}

#[cfg(not(feature = "scrape"))]
fn endpoint(
    name: String,
    _: String,
    _: u32,
    _: scrape::Settings,
) -> anyhow::Result<Box<dyn Probe>> {
    bail!("{name}: this program is built without the feature scrape, that reads endpoints")
}

/// Too many series, or none that is wanted, is a matter of the configuration.
fn passes(error: &ScrapeError) -> bool {
    matches!(error, ScrapeError::Io(_))
}
