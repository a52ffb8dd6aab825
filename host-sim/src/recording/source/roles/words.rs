//! Names of columns as words.

/// A name in lower case, words between `_`, without what stands in brackets.
fn plain(name: &str) -> String {
    let bare = name.split(['(', '[', '{']).next().unwrap_or_default();
    let bare = if bare.trim().is_empty() { name } else { bare };
    let mut out = String::new();
    for c in bare.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
    }
    out.trim_end_matches('_').to_owned()
}

const TIMES: [&str; 44] = [
    "timestamp",
    "time",
    "datetime",
    "date",
    "date_time",
    "ts",
    "epoch",
    "time_stamp",
    "unix_time",
    "unixtime",
    "unix",
    "unix_timestamp",
    "epoch_time",
    "utc",
    "utc_time",
    "utc_timestamp",
    "local_time",
    "localtime",
    "sample_time",
    "sampled_at",
    "created_at",
    "recorded_at",
    "measured_at",
    "logged_at",
    "observed_at",
    "event_time",
    "log_time",
    "logtime",
    "system_time",
    "date_and_time",
    "clock_time",
    "measurement_time",
    "record_time",
    "collection_time",
    "zeit",
    "zeitstempel",
    "datum",
    "uhrzeit",
    "datum_zeit",
    "datum_uhrzeit",
    "fecha",
    "fecha_hora",
    "horodatage",
    "at",
];

/// Units and zones at the end of the name of a time.
const ENDS: [&str; 22] = [
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "ms",
    "msec",
    "millis",
    "milliseconds",
    "us",
    "usec",
    "micros",
    "ns",
    "nanos",
    "min",
    "utc",
    "gmt",
    "local",
    "iso",
    "iso8601",
    "unix",
    "epoch",
];

/// Whether this is a name of a column of times.
pub fn time(name: &str) -> bool {
    let plain = plain(name);
    if TIMES.contains(&plain.as_str()) {
        return true;
    }
    let split = plain.rsplit_once('_');
    split.is_some_and(|(begin, end)| ENDS.contains(&end) && TIMES.contains(&begin))
}

/// Whether this is a name of a column of dates.
pub fn date(name: &str) -> bool {
    plain(name)
        .split('_')
        .any(|word| ["date", "day", "datum", "fecha", "ymd"].contains(&word))
}

/// Whether this may be the name of a time since the begin.
pub fn elapsed(name: &str) -> bool {
    let plain = plain(name);
    let known = [
        "t",
        "seconds",
        "secs",
        "sec",
        "millis",
        "ms",
        "minutes",
        "hours",
        "days",
        "elapsed",
        "elapsed_time",
        "relative_time",
        "rel_time",
        "time_elapsed",
        "elapsed_s",
        "elapsed_ms",
        "t_s",
        "t_ms",
        "runtime",
    ];
    known.contains(&plain.as_str())
        || plain
            .split('_')
            .any(|word| word == "timestamp" || word == "datetime")
}

/// Whether this is a name of numbers of rows, such as a data frame's index.
pub fn row_number(name: &str) -> bool {
    let known = [
        "",
        "index",
        "idx",
        "id",
        "row",
        "rows",
        "row_id",
        "row_number",
        "rownum",
        "record",
        "record_number",
        "rn",
        "no",
        "nr",
        "num",
        "number",
        "n",
        "seq",
        "sequence",
        "sample",
        "sample_number",
        "level_0",
        "index_level_0",
        "line",
        "counter_row",
        "lfd_nr",
    ];
    let plain = plain(name);
    known.contains(&plain.as_str()) || plain.starts_with("unnamed")
}

const LABELS: [&str; 36] = [
    "label",
    "labels",
    "anomaly",
    "anomalies",
    "is_anomaly",
    "isanomaly",
    "anomalous",
    "is_anomalous",
    "anomaly_label",
    "label_anomaly",
    "attack",
    "attacks",
    "is_attack",
    "attack_label",
    "outlier",
    "outliers",
    "is_outlier",
    "normal_attack",
    "ground_truth",
    "groundtruth",
    "gt",
    "is_fault",
    "is_faulty",
    "abnormal",
    "is_abnormal",
    "anomaly_flag",
    "attack_flag",
    "att_flag",
    "y_true",
    "true_label",
    "anomaly_labels",
    "is_anom",
    "anom",
    "intrusion",
    "is_intrusion",
    "outlier_label",
];

/// Whether this is a name of a column of labels.
pub fn label(name: &str) -> bool {
    let plain = plain(name);
    // SWaT calls it `Normal/Attack`.
    LABELS.contains(&plain.as_str())
}

/// Whether a word of a name is one of labels.
pub fn like_label(name: &str) -> bool {
    let known = [
        "label",
        "labels",
        "anomaly",
        "anomalous",
        "outlier",
        "attack",
        "changepoint",
    ];
    let plain = plain(name);
    plain.contains("change_point") || plain.split('_').any(|word| known.contains(&word))
}

/// Whether this is a name of scores of anomalies.
pub fn score(name: &str) -> bool {
    let plain = plain(name);
    plain.contains("anomaly") || plain.contains("outlier")
}

/// Whether this may be a name of labels, if it is the last.
pub fn weak_label(name: &str) -> bool {
    let known = [
        "target", "class", "y", "fault", "faults", "failure", "failures", "faulty", "event",
        "truth",
    ];
    known.contains(&plain(name).as_str())
}

/// Whether this is a name of values in rows of one value each.
pub fn value(name: &str) -> bool {
    let known = [
        "value",
        "values",
        "val",
        "reading",
        "sensor_value",
        "metric_value",
        "measurement_value",
        "wert",
        "messwert",
        "v",
        "data_value",
        "numeric_value",
    ];
    known.contains(&plain(name).as_str())
}

/// Whether this is a name of what is measured, in rows of one value each.
pub fn series(name: &str) -> bool {
    let known = [
        "sensor",
        "sensor_name",
        "sensor_id",
        "metric",
        "metric_name",
        "name",
        "variable",
        "channel",
        "signal",
        "tag",
        "field",
        "item",
        "series",
        "parameter",
        "param",
        "measure",
        "measurement",
        "key",
        "kpi",
        "point",
        "tagname",
        "variable_name",
        "entity",
        "entity_id",
        "attribute",
        "quantity",
    ];
    known.contains(&plain(name).as_str())
}

/// Whether this is a name of the part of a machine that a row is about.
pub fn part(name: &str) -> bool {
    let known = [
        "cpu",
        "dev",
        "iface",
        "device",
        "interface",
        "core",
        "disk",
        "host",
        "hostname",
        "node",
        "instance",
        "gpu",
        "intr",
        "bus",
        "fan",
        "tty",
        "socket",
        "slot",
        "machine",
        "machine_id",
        "unit_id",
    ];
    known.contains(&plain(name).as_str())
}
