//! Names of columns as words.

/// A name in lower case, words between `_`, without what stands in brackets; `isAnomaly` has two words.
fn plain(name: &str) -> String {
    let bare = name.split(['(', '[', '{']).next().unwrap_or_default();
    let bare = if bare.trim().is_empty() { name } else { bare };
    let (mut out, mut small) = (String::new(), false);
    for c in bare.chars() {
        let begins = !c.is_alphanumeric() || c.is_uppercase() && small;
        if begins && !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    out.trim_end_matches('_').to_owned()
}

/// Whether a name is one of these, whether its words are apart or not.
fn is_of(known: &[&str], plain: &str) -> bool {
    let bare = |text: &str| text.replace('_', "");
    let long = |word: &&&str| word.len() >= 5;
    known.contains(&plain)
        || known
            .iter()
            .filter(long)
            .any(|word| bare(word) == bare(plain))
}

const TIMES: [&str; 73] = [
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
    "dt",
    "ds",
    "t_stamp",
    "tm_stamp",
    "tijd",
    "heure",
    "hora",
    "zeitpunkt",
    "messzeit",
    "mess_datum",
    "时间",
    "日期",
    "日時",
    "时间戳",
    "instant",
    "clock",
    "time_index",
    "last_changed",
    "last_updated",
    "read_time",
    "reading_time",
    "server_time",
    "unix_time_stamp",
    "seconds_since_epoch",
    "interval_start",
    "period_start",
    "collection_time_stamp",
    "sample_time_fine",
    "dtm",
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
    if is_of(&TIMES, &plain) {
        return true;
    }
    let split = plain.rsplit_once('_');
    split.is_some_and(|(begin, end)| ENDS.contains(&end) && is_of(&TIMES, begin))
}

/// Whether a word of a name is one of times.
pub fn like_time(name: &str) -> bool {
    let known = [
        "time",
        "timestamp",
        "date",
        "datetime",
        "ts",
        "epoch",
        "clock",
        "at",
        "stamp",
        "sec",
        "secs",
        "seconds",
        "ms",
        "ns",
        "zeit",
        "t",
    ];
    plain(name).split('_').any(|word| known.contains(&word))
}

/// Whether this is a name of a column of dates.
pub fn date(name: &str) -> bool {
    plain(name)
        .split('_')
        .any(|word| ["date", "day", "datum", "fecha", "ymd"].contains(&word))
}

/// Whether this is a name of a part of times: year, month, day, hour, minute or second, from 0.
pub fn part_of_time(name: &str, part: usize) -> bool {
    let known: &[&str] = match part {
        0 => &["year", "yyyy", "yy", "yr", "jahr", "ano", "annee"],
        1 => &["month", "mm", "mon", "mo", "monat", "mes", "mois"],
        2 => &["day", "dd", "dy", "tag", "dia", "jour", "day_of_month"],
        3 => &["hour", "hh", "hr", "h", "stunde", "hora", "heure"],
        4 => &["minute", "mm", "min", "mn", "mi"],
        _ => &["second", "ss", "sec", "seconds"],
    };
    known.contains(&plain(name).as_str())
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
        "recnbr",
        "rec_nbr",
        "recnum",
        "rec",
        "oid",
    ];
    let plain = plain(name);
    let numbered = |ends: [&str; 4]| ends.iter().any(|end| plain.ends_with(end));
    known.contains(&plain.as_str())
        || plain.starts_with("unnamed")
        || numbered(["_id", "_nr", "_number", "_index"])
}

const LABELS: [&str; 40] = [
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
    "abnormality",
    "is_failure",
    "is_attacked",
    "y_label",
];

/// Whether this is a name of a column of labels.
pub fn label(name: &str) -> bool {
    let plain = plain(name);
    // SWaT calls it `Normal/Attack`.
    is_of(&LABELS, &plain)
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

/// Whether this may be a name of labels as well as of a sensor's state.
pub fn doubtful_label(name: &str) -> bool {
    let known = [
        "alarm",
        "alert",
        "flag",
        "mark",
        "marker",
        "status",
        "state",
        "outcome",
        "malfunction",
        "normal",
        "machine_status",
        "condition",
        "category",
        "defect",
        "broken",
        "error",
        "type",
        "result",
    ];
    weak_label(name) || is_of(&known, &plain(name))
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
        "payload",
        "valeur",
        "valor",
        "waarde",
        "mean",
        "value_numeric",
        "val_num",
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
        "itemid",
        "item_id",
        "metric_id",
        "channel_id",
        "point_id",
        "tag_id",
        "tags",
        "topic",
        "messstelle",
        "messgroesse",
        "sensorname",
        "signal_name",
        "target",
        "object",
        "capteur",
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
