//! Sensors and metric reports of a management controller, over Redfish.
//!
//! Everything is found once at start: the sensors of each chassis, asked for in one answer where the controller offers
//! `$expand`, otherwise one by one; and the reports of the telemetry service. A reading asks for their values again.
//! Identities are `redfish/bmc/CHASSIS/SENSOR` and `redfish/bmc/telemetry/REPORT/METRIC`.

mod answers;
mod client;

pub use client::{Login, RedfishError};

use super::probe::{Channel, Measure, Probe, Raw};
use super::selection::Selection;
use super::unit;
use answers::{Chassis, Collection, Report, Root, SensorAnswer};
use bellwether::Cause;
use client::Client;
use core::time::Duration;
use std::borrow::ToOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::string::String;
use std::time::Instant;
use std::vec::Vec;

/// Sensors and metrics, at most.
const CHANNELS_MAX: usize = 4096;
/// Chassis, and reports, at most.
const PARTS_MAX: usize = 64;
/// Pages of a collection, at most.
const PAGES_MAX: usize = 64;

/// The address of a controller, and the way to ask it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name: the second part of the identities.
    pub name: String,
    /// Its address, as `https://10.1.0.7`.
    pub url: String,
    /// Who asks.
    pub login: Login,
    /// Certificates in PEM that are trusted; without them, `https` is refused.
    pub roots: Option<Vec<u8>>,
    /// The longest wait for one answer.
    pub limit: Duration,
    /// The longest time for all answers of a reading. Those that are not asked for any more are missing.
    pub whole: Duration,
    /// Least time between two readings.
    pub period: Duration,
    /// The identities that are wanted.
    pub selection: Selection,
    /// Whether sensors are read.
    pub sensors: bool,
    /// Whether metric reports are read.
    pub reports: bool,
}

/// The sensors and metrics that a controller had at start.
#[derive(Debug)]
pub struct Redfish {
    name: String,
    client: Client,
    whole: Duration,
    period: Duration,
    channels: Vec<Channel>,
    requests: Vec<Request>,
    /// The request to begin with, so that a slow controller costs not always the same sensors.
    next: usize,
}

/// An address that is asked at each reading.
#[derive(Debug)]
struct Request {
    path: String,
    form: Form,
}

/// The form of an answer, and the places of its values.
#[derive(Debug)]
enum Form {
    /// A collection with all its sensors, by their address.
    Expanded(BTreeMap<String, usize>),
    /// One sensor.
    Sensor(usize),
    /// A report, by its metrics.
    Report(BTreeMap<String, usize>),
}

impl Redfish {
    /// Asks the controller what it has.
    ///
    /// # Errors
    /// It cannot be asked, refuses, or has nothing that is wanted.
    pub fn open(settings: Settings) -> Result<Self, RedfishError> {
        let mut client = Client::new(&settings)?;
        let found = discover(&mut client, &settings)?;
        if found.channels.is_empty() {
            return Err(RedfishError::Empty);
        }
        Ok(Self {
            name: format!("redfish/{}", settings.name),
            client,
            whole: settings.whole,
            period: settings.period,
            channels: found.channels,
            requests: found.requests,
            next: 0,
        })
    }

    /// Asks once. False if the controller cannot be reached.
    fn ask(client: &mut Client, request: &Request, into: &mut [Raw]) -> bool {
        let failed = match &request.form {
            Form::Expanded(places) => pages(client, &request.path, |member: &SensorAnswer| {
                let place = places
                    .get(member.key())
                    .and_then(|place| into.get_mut(*place));
                if let Some(value) = place {
                    *value = member.value();
                }
            }),
            Form::Sensor(place) => client.get::<SensorAnswer>(&request.path).map(|sensor| {
                if let Some(value) = into.get_mut(*place) {
                    *value = sensor.value();
                }
            }),
            Form::Report(places) => client.get::<Report>(&request.path).map(|report| {
                for metric in &report.values.0 {
                    let place = places
                        .get(&metric.key())
                        .or_else(|| places.get(&metric.id.0));
                    if let Some(value) = place.and_then(|place| into.get_mut(*place)) {
                        *value = metric.value.0;
                    }
                }
            }),
        };
        let Err(error) = failed else {
            return true;
        };
        for place in request.form.places() {
            if let Some(value) = into.get_mut(place) {
                *value = Err(Cause::Sensor);
            }
        }
        !error.is_silence()
    }
}

impl Form {
    fn places(&self) -> Vec<usize> {
        match self {
            Self::Sensor(place) => [*place].into(),
            Self::Expanded(places) | Self::Report(places) => places.values().copied().collect(),
        }
    }
}

impl Probe for Redfish {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Asks for all values. Two addresses without an answer end the reading.
    fn read(&mut self, into: &mut [Raw]) {
        into.fill(Err(Cause::Missing));
        let until = Instant::now() + self.whole;
        let (count, mut silent) = (self.requests.len(), 0);
        for k in 0..count {
            let place = (self.next + k) % count;
            if Instant::now() >= until || silent == 2 {
                self.next = place;
                return;
            }
            if let Some(request) = self.requests.get(place) {
                silent += u32::from(!Self::ask(&mut self.client, request, into));
            }
        }
    }

    fn period(&self) -> Duration {
        self.period
    }
}

/// The findings.
struct Found<'a> {
    settings: &'a Settings,
    channels: Vec<Channel>,
    requests: Vec<Request>,
    known: BTreeSet<String>,
}

impl Found<'_> {
    /// A new channel's place, if it is wanted.
    fn add(&mut self, chip: &str, sensor: &str, unit: &'static str) -> Option<usize> {
        let identity = format!("redfish/{}/{chip}/{sensor}", self.settings.name);
        let place = self.channels.len();
        let wanted = self.settings.selection.admits(&identity);
        if !wanted || place == CHANNELS_MAX || sensor.is_empty() {
            return None;
        }
        if !self.known.insert(identity.clone()) {
            return None;
        }
        self.channels.push(Channel {
            identity,
            chip: chip.to_owned(),
            sensor: sensor.to_owned(),
            unit,
            measure: Measure::Gauge,
        });
        Some(place)
    }
}

fn discover<'a>(client: &mut Client, settings: &'a Settings) -> Result<Found<'a>, RedfishError> {
    let mut found = Found {
        settings,
        channels: Vec::new(),
        requests: Vec::new(),
        known: BTreeSet::new(),
    };
    let root: Root = client.get("/redfish/v1/")?;
    if settings.sensors
        && let Some(chassis) = root.chassis.path()
    {
        for path in links(client, chassis, PARTS_MAX)? {
            let chassis: Chassis = client.get(&path)?;
            let name = chassis.name(&path);
            if let Some(sensors) = chassis.sensors.path() {
                discover_sensors(client, &mut found, &root, &name, sensors)?;
            }
        }
    }
    if settings.reports
        && let Some(service) = root.telemetry.path()
    {
        let service: answers::Service = client.get(service)?;
        if let Some(reports) = service.reports.path() {
            for path in links(client, reports, PARTS_MAX)? {
                let report: Report = client.get(&path)?;
                discover_report(&mut found, path, &report);
            }
        }
    }
    Ok(found)
}

fn discover_sensors(
    client: &mut Client,
    found: &mut Found<'_>,
    root: &Root,
    chassis: &str,
    path: &str,
) -> Result<(), RedfishError> {
    if let Some(query) = root.expands.query() {
        let path = format!("{path}?{query}");
        let mut places = BTreeMap::new();
        let asked = pages(client, &path, |sensor: &SensorAnswer| {
            if let Some(place) = sensor
                .is_numeric()
                .then(|| add(found, chassis, sensor))
                .flatten()
            {
                places.insert(sensor.key().to_owned(), place);
            }
        });
        // Controllers that offer the query and then fail at it are asked one by one.
        if asked.is_ok() && !places.is_empty() {
            let form = Form::Expanded(places);
            found.requests.push(Request { path, form });
            return Ok(());
        }
    }
    for path in links(client, path, CHANNELS_MAX)? {
        let sensor: SensorAnswer = client.get(&path)?;
        if sensor.is_numeric()
            && let Some(place) = add(found, chassis, &sensor)
        {
            let form = Form::Sensor(place);
            found.requests.push(Request { path, form });
        }
    }
    Ok(())
}

fn add(found: &mut Found<'_>, chassis: &str, sensor: &SensorAnswer) -> Option<usize> {
    found.add(chassis, &sensor.name(), unit::unit(&sensor.units.0))
}

fn discover_report(found: &mut Found<'_>, path: String, report: &Report) {
    let mut count = BTreeMap::new();
    let keys: BTreeMap<_, _> = report
        .values
        .0
        .iter()
        .map(|metric| (metric.key(), metric))
        .collect();
    for metric in keys.values() {
        *count.entry(metric.id.0.as_str()).or_insert(0) += 1;
    }
    let chip = format!("telemetry/{}", report.name(&path));
    let mut places = BTreeMap::new();
    for (key, metric) in &keys {
        let shared = count
            .get(metric.id.0.as_str())
            .is_some_and(|count| *count > 1);
        let name = if shared { key } else { &metric.id.0 };
        // A text is no metric.
        if metric.value.0 != Err(Cause::Sensor)
            && let Some(place) = found.add(&chip, name, "")
        {
            places.insert(name.clone(), place);
        }
    }
    if !places.is_empty() {
        let form = Form::Report(places);
        found.requests.push(Request { path, form });
    }
}

/// The addresses of a collection's members.
fn links(client: &mut Client, path: &str, most: usize) -> Result<Vec<String>, RedfishError> {
    let mut links = Vec::new();
    pages(client, path, |member: &answers::Link| {
        if links.len() < most
            && let Some(path) = member.path()
        {
            links.push(path.to_owned());
        }
    })?;
    Ok(links)
}

/// Takes the members of all pages of a collection.
fn pages<T: serde::de::DeserializeOwned + Default>(
    client: &mut Client,
    path: &str,
    mut each: impl FnMut(&T),
) -> Result<(), RedfishError> {
    let mut path = path.to_owned();
    for _ in 0..PAGES_MAX {
        let page: Collection<T> = client.get(&path)?;
        page.members.0.iter().for_each(&mut each);
        match page.next.path() {
            Some(next) if next != path => path = next.to_owned(),
            _ => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
