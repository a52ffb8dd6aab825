//! Answers of a controller: the few members that are read. A member of a wrong type is as if it were not there.
//!
//! Members that are not read are skipped without recursion and kept nowhere, however large or deep.

use crate::linux::probe::Raw;
use crate::linux::value;
use bellwether::Cause;
use core::fmt;
use core::marker::PhantomData;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::ToOwned;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Elements of a list, at most. Those behind are left out.
const LIST_MAX: usize = 4096;
/// Bytes of a text, at most.
const TEXT_MAX: usize = 512;

/// The name under which a number comes as a text, if any crate of a program has turned on that serde_json keeps all digits
/// (its feature `arbitrary_precision`).
const EXACT: &str = "$serde_json::private::Number";

/// A visitor of any JSON that keeps one scalar.
struct Scalar;

/// A scalar of JSON.
enum Any {
    Number(f64),
    Text(String),
    Switch(bool),
    Nothing,
    Other,
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Any, E> {
        Ok(Any::Switch(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Any, E> {
        Ok(Any::Number(v as f64))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Any, E> {
        Ok(Any::Number(v as f64))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Any, E> {
        Ok(Any::Number(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<Any, E> {
        Ok(if v.len() > TEXT_MAX {
            Any::Other
        } else {
            Any::Text(v.to_owned())
        })
    }
    fn visit_unit<E>(self) -> Result<Any, E> {
        Ok(Any::Nothing)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Any::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        if let Some(key) = map.next_key::<Text>()? {
            if key.0 == EXACT {
                let Text(digits) = map.next_value()?;
                return Ok(value::parse(digits.as_bytes()).map_or(Any::Other, Any::Number));
            }
            map.next_value::<IgnoredAny>()?;
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Any::Other)
    }
}

/// A text; empty if it is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Ok(match input.deserialize_any(Scalar)? {
            Any::Text(text) => Self(text),
            _ => Self::default(),
        })
    }
}

/// A number, also in a text. A controller without a value writes `null`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number(pub Raw);

impl Default for Number {
    fn default() -> Self {
        Self(Err(Cause::Missing))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Ok(Self(match input.deserialize_any(Scalar)? {
            Any::Number(number) => value::raw(number),
            Any::Text(text) => value::parse(text.as_bytes()),
            Any::Switch(on) => Ok(f64::from(u8::from(on))),
            Any::Nothing => Err(Cause::Missing),
            Any::Other => Err(Cause::Sensor),
        }))
    }
}

/// A switch; off if it is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Switch(bool);

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Ok(Self(matches!(
            input.deserialize_any(Scalar)?,
            Any::Switch(true)
        )))
    }
}

/// A list of bounded length; empty if it is none.
#[derive(Clone, Debug)]
pub(super) struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// An object, or its default where something else stands.
struct Part<T>(T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Structured(PhantomData)).map(Part)
    }
}

/// A visitor of any JSON that keeps an object or a list.
struct Structured<T>(PhantomData<T>);

macro_rules! nothing {
    ($($name:ident $type:ty),*) => {
        $(fn $name<E>(self, _: $type) -> Result<Self::Value, E> { Ok(Default::default()) })*
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Default::default()) }
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str("anything") }
    };
}

impl<'de, T: DeserializeOwned + Default> Visitor<'de> for Structured<T> {
    type Value = T;
    nothing!(visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str);
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
    }
}

/// A visitor of any JSON that keeps a list.
struct Listed<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned + Default> Visitor<'de> for Listed<T> {
    type Value = List<T>;
    nothing!(visit_bool bool, visit_i64 i64, visit_u64 u64, visit_f64 f64, visit_str &str);
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut list = List::default();
        while list.0.len() < LIST_MAX {
            match seq.next_element::<Part<T>>()? {
                Some(Part(element)) => list.0.push(element),
                None => return Ok(list),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List::default())
    }
}

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Listed(PhantomData))
    }
}

fn part<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(input: D) -> Result<T, D::Error> {
    Part::deserialize(input).map(|Part(part)| part)
}

/// A reference to a resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    #[serde(rename = "@odata.id")]
    id: Text,
}

impl Link {
    /// Its path on the same controller.
    pub(super) fn path(&self) -> Option<&str> {
        local(&self.id.0)
    }
}

/// A path on the same controller, without line ends or other signs that a request cannot have.
pub(super) fn local(text: &str) -> Option<&str> {
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic());
    (text.starts_with('/') && !text.starts_with("//") && clean).then_some(text)
}

/// The last part of a path.
fn last(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// The service root.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Root {
    #[serde(rename = "Chassis", deserialize_with = "part")]
    pub chassis: Link,
    #[serde(rename = "TelemetryService", deserialize_with = "part")]
    pub telemetry: Link,
    #[serde(rename = "ProtocolFeaturesSupported", deserialize_with = "part")]
    pub expands: Features,
}

/// The protocol's features.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Features {
    #[serde(rename = "ExpandQuery", deserialize_with = "part")]
    expand: Expand,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Expand {
    #[serde(rename = "NoLinks")]
    no_links: Switch,
    #[serde(rename = "ExpandAll")]
    all: Switch,
    #[serde(rename = "Levels")]
    levels: Switch,
}

impl Features {
    /// The query for a collection with its members.
    pub(super) fn query(&self) -> Option<&'static str> {
        match (
            self.expand.no_links.0,
            self.expand.all.0,
            self.expand.levels.0,
        ) {
            (true, _, true) => Some("$expand=.($levels=1)"),
            (true, _, false) => Some("$expand=."),
            (false, true, true) => Some("$expand=*($levels=1)"),
            (false, true, false) => Some("$expand=*"),
            (false, false, _) => None,
        }
    }
}

/// A collection, or a page of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, bound = "T: DeserializeOwned + Default")]
pub(super) struct Collection<T> {
    #[serde(rename = "Members")]
    pub members: List<T>,
    #[serde(rename = "Members@odata.nextLink")]
    pub next: NextLink,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self {
            members: List::default(),
            next: NextLink::default(),
        }
    }
}

/// The next page's address: a text, not an object.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct NextLink(Text);

impl NextLink {
    /// Its path on the same controller.
    pub(super) fn path(&self) -> Option<&str> {
        local(&self.0.0)
    }
}

/// A chassis.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chassis {
    #[serde(rename = "Id")]
    id: Text,
    #[serde(rename = "Sensors", deserialize_with = "part")]
    pub sensors: Link,
}

impl Chassis {
    /// Its name.
    pub(super) fn name(&self, path: &str) -> String {
        named(&self.id, path)
    }
}

fn named(id: &Text, path: &str) -> String {
    match id.0.trim() {
        "" => last(path).to_owned(),
        id => id.to_owned(),
    }
}

/// The telemetry service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Service {
    #[serde(rename = "MetricReports", deserialize_with = "part")]
    pub reports: Link,
}

/// A sensor.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SensorAnswer {
    #[serde(rename = "@odata.id")]
    id: Text,
    #[serde(rename = "Id")]
    name: Text,
    #[serde(rename = "Reading")]
    reading: Option<Number>,
    #[serde(rename = "ReadingUnits")]
    pub units: Text,
    #[serde(rename = "Status", deserialize_with = "part")]
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(rename = "State")]
    state: Text,
}

impl SensorAnswer {
    /// Its name.
    pub(super) fn name(&self) -> String {
        named(&self.name, &self.id.0)
    }

    /// The member that tells it from others of its collection.
    pub(super) fn key(&self) -> &str {
        if self.id.0.is_empty() {
            &self.name.0
        } else {
            &self.id.0
        }
    }

    /// Whether it measures a number, though it may be absent now.
    pub(super) fn is_numeric(&self) -> bool {
        let number = self.reading.is_some_and(|reading| reading.0.is_ok());
        number || !self.units.0.is_empty()
    }

    /// Its value. A sensor that is switched off or not installed is missing, whatever it says.
    pub(super) fn value(&self) -> Raw {
        match self.status.state.0.as_str() {
            "Disabled" | "Absent" | "UnavailableOffline" | "StandbyOffline" => Err(Cause::Missing),
            _ => self.reading.unwrap_or_default().0,
        }
    }
}

/// A metric report.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Report {
    #[serde(rename = "Id")]
    id: Text,
    #[serde(rename = "MetricValues")]
    pub values: List<Metric>,
}

impl Report {
    /// Its name.
    pub(super) fn name(&self, path: &str) -> String {
        named(&self.id, path)
    }
}

/// A value of a report. Of several with the same key, the last counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metric {
    #[serde(rename = "MetricId")]
    pub id: Text,
    #[serde(rename = "MetricProperty")]
    property: Text,
    #[serde(rename = "MetricValue")]
    pub value: Number,
}

impl Metric {
    /// The member that tells it from others of its report.
    pub(super) fn key(&self) -> String {
        match self.property.0.as_str() {
            "" => self.id.0.clone(),
            property => format!("{}:{property}", self.id.0),
        }
    }
}
