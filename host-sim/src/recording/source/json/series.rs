//! The answers of databases of time series: series of values with their labels.

use super::super::Problem;
use super::super::long::Gather;
use super::{PART, text};
use serde_json::Value;

/// The values gathered so far.
type Values = Option<Box<Gather>>;

/// Takes the series of a document; `false` if it has none.
///
/// # Errors
/// There is no room.
pub fn take(document: &Value, values: &mut Values) -> Result<bool, Problem> {
    let all: [Reader; 9] = [
        prometheus, victoria, influx, graphite, opentsdb, cloudwatch, datadog, azure, frames,
    ];
    let Some(found) = all.into_iter().find_map(|of| of(document)) else {
        return Ok(false);
    };
    let values = values.get_or_insert_with(|| Box::new(Gather::new(true)));
    for Series { name, points } in found {
        for (time, value) in points {
            values.push(Some(&time), name.clone(), &value)?;
        }
    }
    Ok(true)
}

/// The series of the answers of one database; `None` of others.
type Reader = fn(&Value) -> Option<Vec<Series>>;

/// A variable and its values.
struct Series {
    name: String,
    points: Vec<(String, String)>,
}

/// A list within a document.
fn list<'a>(value: &'a Value, name: &str) -> Option<&'a Vec<Value>> {
    value.get(name)?.as_array()
}

/// Pairs of a time and a value, in this order or, `turned`, the other.
fn pairs<'a>(pairs: impl IntoIterator<Item = &'a Value>, turned: bool) -> Vec<(String, String)> {
    let (time, value) = if turned { (1, 0) } else { (0, 1) };
    let pair = |pair: &Value| Some((text(pair.get(time)?), text(pair.get(value)?)));
    pairs.into_iter().filter_map(pair).collect()
}

/// Times and values in lists of their own.
fn zipped(times: &[Value], values: &[Value]) -> Vec<(String, String)> {
    times
        .iter()
        .map(text)
        .zip(values.iter().map(text))
        .collect()
}

/// Prometheus, whole or without its envelope: series, each with its labels and `[seconds, "value"]`.
fn prometheus(document: &Value) -> Option<Vec<Series>> {
    let labelled = |one: &Value| {
        one.get("metric").is_some_and(Value::is_object)
            && (one.get("values").is_some() || one.get("value").is_some())
    };
    let bare = || document.as_array().filter(|all| all.iter().all(labelled));
    let results = match document.pointer("/data/result") {
        Some(results) => results.as_array(),
        None if document.get("resultType").is_some() => list(document, "result"),
        None => bare().filter(|all| !all.is_empty()),
    };
    let series = |result: &Value| Series {
        name: labels(result.get("metric")),
        points: pairs(
            list(result, "values")
                .into_iter()
                .flatten()
                .chain(result.get("value")),
            false,
        ),
    };
    Some(results?.iter().map(series).collect())
}

/// An export of VictoriaMetrics: a series a line.
fn victoria(document: &Value) -> Option<Vec<Series>> {
    document.get("metric")?.as_object()?;
    Some(vec![Series {
        name: labels(document.get("metric")),
        points: zipped(list(document, "timestamps")?, list(document, "values")?),
    }])
}

/// InfluxDB 1: series with columns and rows of values.
fn influx(document: &Value) -> Option<Vec<Series>> {
    let results = list(document, "results")?;
    let mut found = Vec::new();
    let all = results.iter().filter_map(|result| list(result, "series"));
    for one in all.flatten() {
        let columns: Vec<String> = list(one, "columns")
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        let time = columns.iter().position(|name| name == "time").unwrap_or(0);
        let tags = labels(one.get("tags"));
        let name = one.get("name").map(text).unwrap_or_default();
        let rows: Vec<&Value> = list(one, "values").into_iter().flatten().collect();
        for (k, column) in columns.iter().enumerate().filter(|(k, _)| *k != time) {
            let point = |row: &&Value| {
                let value = row.get(k).filter(|value| !value.is_null())?;
                Some((row.get(time).map(text).unwrap_or_default(), text(value)))
            };
            found.push(Series {
                name: format!("{name}{PART}{tags}{PART}{column}"),
                points: rows.iter().filter_map(point).collect(),
            });
        }
    }
    Some(found)
}

/// Graphite, and Grafana's JSON data source: `[value, time]`.
fn graphite(document: &Value) -> Option<Vec<Series>> {
    let targets = document.as_array().filter(|all| !all.is_empty())?;
    let series = |target: &Value| {
        Some(Series {
            name: target.get("target").map(text).unwrap_or_default(),
            points: pairs(list(target, "datapoints")?, true),
        })
    };
    targets.iter().map(series).collect()
}

/// OpenTSDB: `dps` of times and values.
fn opentsdb(document: &Value) -> Option<Vec<Series>> {
    let all = document.as_array().filter(|all| !all.is_empty())?;
    let series = |one: &Value| {
        let points = match one.get("dps")? {
            Value::Array(points) => pairs(points, false),
            Value::Object(points) => {
                let point = |(time, value): (&String, &Value)| (time.clone(), text(value));
                points.iter().map(point).collect()
            }
            _ => return None,
        };
        let tags = labels(one.get("tags"));
        let metric = one.get("metric").map(text).unwrap_or_default();
        Some(Series {
            name: format!("{metric}{PART}{tags}"),
            points,
        })
    };
    all.iter().map(series).collect()
}

/// CloudWatch's GetMetricData: times and values in lists of their own.
fn cloudwatch(document: &Value) -> Option<Vec<Series>> {
    let series = |one: &Value| {
        let name = one.get("Label").or(one.get("Id")).map(text);
        Some(Series {
            name: name.unwrap_or_default(),
            points: zipped(list(one, "Timestamps")?, list(one, "Values")?),
        })
    };
    list(document, "MetricDataResults")?
        .iter()
        .map(series)
        .collect()
}

/// Datadog: `pointlist` of milliseconds and values.
fn datadog(document: &Value) -> Option<Vec<Series>> {
    let part = |one: &Value, name: &str| one.get(name).map(text).unwrap_or_default();
    let series = |one: &Value| {
        Some(Series {
            name: format!("{}{PART}{}", part(one, "metric"), part(one, "scope")),
            points: pairs(list(one, "pointlist")?, false),
        })
    };
    list(document, "series")?.iter().map(series).collect()
}

/// Azure Monitor: for each metric, series of objects with `timeStamp` and one value.
fn azure(document: &Value) -> Option<Vec<Series>> {
    let mut found = Vec::new();
    for metric in list(document, "value")? {
        let name = metric.pointer("/name/value").map(text).unwrap_or_default();
        for one in list(metric, "timeseries")? {
            let point = |point: &Value| {
                let fields = point.as_object()?;
                let time = text(fields.get("timeStamp")?);
                let value = fields.iter().find(|(key, _)| *key != "timeStamp");
                Some((
                    time,
                    value.map(|(_, value)| text(value)).unwrap_or_default(),
                ))
            };
            found.push(Series {
                name: name.clone(),
                points: list(one, "data")?.iter().filter_map(point).collect(),
            });
        }
    }
    Some(found)
}

/// Grafana's data frames: fields with their names, and a list of values for each.
fn frames(document: &Value) -> Option<Vec<Series>> {
    let own = |all: &Value| all.as_array().cloned();
    let frames = match document.get("results").and_then(Value::as_object) {
        Some(results) => {
            let frames = results.values().filter_map(|one| own(one.get("frames")?));
            frames.flatten().collect()
        }
        None => own(document)?,
    };
    let mut found = Vec::new();
    for frame in &frames {
        let fields = frame.pointer("/schema/fields")?.as_array()?;
        let columns = frame.pointer("/data/values")?.as_array()?;
        let is_time = |field: &&Value| field.get("type").is_some_and(|kind| kind == "time");
        let time = fields.iter().position(|field| is_time(&field))?;
        let times = columns.get(time)?.as_array()?;
        for (field, values) in fields.iter().zip(columns).filter(|(f, _)| !is_time(f)) {
            let name = field.get("name").map(text).unwrap_or_default();
            let labels = labels(field.get("labels"));
            found.push(Series {
                name: format!("{name}{PART}{labels}"),
                points: zipped(times, values.as_array()?),
            });
        }
    }
    Some(found).filter(|found| !found.is_empty())
}

/// Labels as parts of a name, `__name__` first.
fn labels(labels: Option<&Value>) -> String {
    let Some(labels) = labels.and_then(Value::as_object) else {
        return String::new();
    };
    let name = labels.get("__name__").map(text);
    let others = labels.iter().filter(|(key, _)| *key != "__name__");
    let others = others.map(|(key, value)| format!("{key}={}", text(value)));
    name.into_iter()
        .chain(others)
        .collect::<Vec<_>>()
        .join(&PART.to_string())
}
