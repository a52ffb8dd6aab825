use super::*;

/// Time, label, variables, and whether a note was made, of a table with a header.
fn roles(text: &str, options: &Options) -> (String, String, String, usize) {
    let cut = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<String>>();
    let mut lines = text.lines().map(cut);
    let names = lines.next().unwrap();
    let rows: Vec<Vec<String>> = lines.collect();
    let cells = Cells::default();
    let columns = Columns {
        names: &names,
        rows: &rows,
        types: &[],
        cells: &cells,
    };
    let roles = Roles::of(columns, options).unwrap();
    let name = |k: usize| roles.names[k].clone();
    let time = match roles.time {
        None => "-".to_owned(),
        Some(Time::One(k)) => name(k),
        Some(Time::Two(a, b) | Time::Parts(a, b)) => format!("{}+{}", name(a), name(b)),
    };
    let label = roles.label.map_or("-".to_owned(), name);
    let variables = roles.variables.iter().map(|k| name(*k)).collect::<Vec<_>>();
    (time, label, variables.join(" "), roles.notes.len())
}

fn is(text: &str, time: &str, label: &str, variables: &str) {
    let found = roles(text, &Options::default());
    assert_eq!(
        (found.0.as_str(), found.1.as_str(), found.2.as_str()),
        (time, label, variables),
        "{text}"
    );
}

/// Rows with a clock in place of `T`, an epoch in place of `E`, an ISO time in place of `I`, a value in
/// place of `v`, a label in place of `l`.
fn table(header: &str, row: &str) -> String {
    let mut text = header.to_owned();
    for k in 0..20 {
        let field = |field: &str| match field {
            "T" => (60 * k).to_string(),
            "E" => (1_772_323_200_i64 + 60 * k).to_string(),
            "M" => (1000 * (1_772_323_200_i64 + 60 * k)).to_string(),
            "I" => format!("2026-03-01T00:{k:02}:00Z"),
            "v" => format!("{}.5", (k * 7) % 5),
            "l" => i32::from(k == 3).to_string(),
            other => other.to_owned(),
        };
        text.push('\n');
        text.push_str(&row.split(',').map(field).collect::<Vec<_>>().join(","));
    }
    text
}

#[test]
fn labels_are_labels_in_any_case_and_place() {
    for name in [
        "is_anomaly",
        "anomaly",
        "Label",
        "labels",
        "ATTACK",
        "outlier",
        "Normal/Attack",
        "target",
    ] {
        is(
            &table(&format!("timestamp,a,b,{name}"), "I,v,v,l"),
            "timestamp",
            name,
            "a b",
        );
    }
    is(
        &table("timestamp,Label,a", "T,l,v"),
        "timestamp",
        "Label",
        "a",
    );
    is(
        &table("a,is_anomaly,time", "v,l,E"),
        "time",
        "is_anomaly",
        "a",
    );
    // A score is no label, and no sensor.
    is(
        &table("timestamp,a,anomaly", "I,v,v"),
        "timestamp",
        "-",
        "a",
    );
    is(
        &table("timestamp,a,label,anomaly", "I,v,l,l"),
        "timestamp",
        "label",
        "a",
    );
}

#[test]
fn times_are_times_in_any_spelling_and_place() {
    for name in [
        "epoch",
        "time_ms",
        "_time",
        "Time [UTC]",
        "Timestamp",
        "unix_time",
        "t",
        "Time[s]",
        "DateTime",
    ] {
        for time in ["E", "M", "T"] {
            is(
                &table(&format!("{name},a"), &format!("{time},v")),
                name,
                "-",
                "a",
            );
        }
    }
    is(&table("a,timestamp", "v,E"), "timestamp", "-", "a");
    is(&table("a,when", "v,I"), "when", "-", "a");
    is(&table("a,x", "v,E"), "x", "-", "a");
    is(
        &table("date,time,a", "2026-03-01,12:00:00,v"),
        "date+time",
        "-",
        "a",
    );
    is(
        &table("No,year,month,day,hour,a", "T,2026,3,1,12,v"),
        "year+hour",
        "-",
        "a",
    );
    is(
        &table("YY,MM,DD,hh,mm,a", "26,3,1,12,30,v"),
        "YY+mm",
        "-",
        "a",
    );
    is(&table("a,readingTime", "v,T"), "readingTime", "-", "a");
    is(&table(",a", "I,v"), "", "-", "a");
    is(&table(",timestamp,a", "T,I,v"), "timestamp", "-", "a");
    is(&table("index,epoch,a", "T,E,v"), "epoch", "-", "a");
    is(&table("_start,_stop,_time,a", "I,I,I,v"), "_time", "-", "a");
    // A duration that is measured is no time.
    is(
        &table("timestamp,response_time,cpu_time", "I,v,v"),
        "timestamp",
        "-",
        "response_time cpu_time",
    );
}

/// Broken if a clock is watched in silence.
#[test]
fn whatever_is_not_the_own_convention_is_said() {
    let notes = |text: &str| roles(text, &Options::default()).3;
    assert_eq!(notes(&table("timestamp,a,label", "I,v,l")), 0);
    assert_eq!(notes(&table("timestamp,a", "T,v")), 0);
    for (header, row) in [
        ("timestamp,a,is_anomaly", "I,v,l"),
        ("timestamp,a,ramp", "I,v,T"),
        ("epoch,a", "E,v"),
        ("a,b", "v,v"),
        ("timestamp,host,a", "I,n1,v"),
    ] {
        assert!(notes(&table(header, row)) > 0, "{header}");
    }
    is(&table("timestamp,RECORD,a", "I,T,v"), "timestamp", "-", "a");
    is(&table("timestamp,host,a", "I,n1,v"), "timestamp", "-", "a");
}

#[test]
fn options_name_what_the_rule_does_not() {
    let text = table("when,a,b,odd", "v,v,v,l");
    let options = Options {
        time: Some("When".to_owned()),
        label: Some("odd".to_owned()),
        without: vec!["b".to_owned()],
        ..Options::default()
    };
    let found = roles(&text, &options);
    assert_eq!(
        (found.0.as_str(), found.1.as_str(), found.2.as_str()),
        ("when", "odd", "a")
    );
    let options = Options {
        columns: vec!["b".to_owned(), "a".to_owned()],
        ..Options::default()
    };
    assert_eq!(roles(&text, &options).2, "b a");
}
