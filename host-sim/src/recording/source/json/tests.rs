use super::*;
use std::io::Cursor;

fn table(json: &'static str) -> Memory {
    match read(Box::new(Cursor::new(json)), false).unwrap().0 {
        Json::Table(memory) => memory,
        Json::Values(values) => values.finish().unwrap().0,
    }
}

fn is(json: &'static str, names: &[&str], rows: &[&[&str]]) {
    let found = table(json);
    assert_eq!(found.names, names, "{json}");
    assert_eq!(found.rows, rows, "{json}");
}

#[test]
fn objects_lists_and_columns_are_tables() {
    is(
        "{\"t\":1,\"a\":2.5}\n{\"t\":2,\"a\":null,\"b\":true}\n{\"t\":3,",
        &["a", "t", "b"],
        &[&["2.5", "1"], &["", "2", "true"]],
    );
    is(
        "[[1,2],[3,4]]",
        &["column1", "column2"],
        &[&["1", "2"], &["3", "4"]],
    );
    is(
        r#"{"t":[1,2],"a":[3,4]}"#,
        &["a", "t"],
        &[&["3", "1"], &["4", "2"]],
    );
    is(
        r#"{"columns":["a"],"index":[5,6],"data":[[1],[2]]}"#,
        &["index", "a"],
        &[&["5", "1"], &["6", "2"]],
    );
    is(
        r#"{"a":{"0":1,"1":2},"b":{"0":3,"1":4}}"#,
        &["index", "a", "b"],
        &[&["0", "1", "3"], &["1", "2", "4"]],
    );
    is(r#"{"cpu":{"load":0.5}}"#, &["cpu.load"], &[&["0.5"]]);
}

#[test]
fn tools_dump_readings_and_series() {
    let sensors = r#"{"k10":{"Adapter":"PCI","Tctl":{"temp1_input":51.0,"temp1_max":85.0}}}"#;
    is(sensors, &["k10.Tctl"], &[&["51.0"]]);
    let range = r#"{"data":{"result":[
        {"metric":{"__name__":"up","instance":"n1"},"values":[[60,"1"],[120,"2"]]},
        {"metric":{"__name__":"load","instance":"n1"},"values":[[120,"4"]]}]}}"#;
    is(
        range,
        &["timestamp", "up", "load"],
        &[&["60", "1"], &["120", "2", "4"]],
    );
    let graphite = r#"[{"target":"a","datapoints":[[1.5,60]]}]"#;
    is(graphite, &["timestamp", "a"], &[&["60", "1.5"]]);
}

#[test]
fn no_json_and_no_table_are_refused() {
    for json in ["{", "[1,2]", "3", "{}", "[]", "{\"a\": x}"] {
        assert!(read(Box::new(Cursor::new(json)), false).is_err(), "{json}");
    }
}

/// Broken if the rows of an answer become the columns of one row.
#[test]
fn rows_are_found_within_answers() {
    let rows: &[&[&str]] = &[&["2.5", "60"], &["3.5", "120"]];
    for json in [
        r#"{"count":2,"data":[{"t":60,"a":2.5},{"t":120,"a":3.5}]}"#,
        r#"{"hits":{"total":2,"hits":[{"_id":"1","_source":{"t":60,"a":2.5}},
            {"_id":"2","_source":{"t":120,"a":3.5}}]}}"#,
        r#"{"sysstat":{"hosts":[{"n":"n1","statistics":[{"t":60,"a":2.5},{"t":120,"a":3.5}]}]}}"#,
        r#"{"labels":["a","t"],"data":[[2.5,60],[3.5,120]]}"#,
        r#"{"result":{"view":1,"labels":["a","t"],"data":[[2.5,60],[3.5,120]]}}"#,
        r#"[["a","t"],[2.5,60],[3.5,120]]"#,
    ] {
        is(json, &["a", "t"], rows);
    }
    is(
        r#"{"meta":{"start":60,"step":60,"legend":["a","b"]},"data":[[1,2],[3,4]]}"#,
        &["time", "a", "b"],
        &[&["60", "1", "2"], &["120", "3", "4"]],
    );
    is(
        r#"{"60":{"a":1,"b":2},"120":{"a":3,"b":4}}"#,
        &["index", "a", "b"],
        &[&["120", "3", "4"], &["60", "1", "2"]],
    );
    // Sensors with names are parts of one row.
    is(
        r#"{"Temperatures":[{"Name":"CPU","ReadingCelsius":50},{"Name":"Inlet","ReadingCelsius":20}]}"#,
        &[
            "Temperatures.CPU.Name",
            "Temperatures.CPU.ReadingCelsius",
            "Temperatures.Inlet.Name",
            "Temperatures.Inlet.ReadingCelsius",
        ],
        &[&["CPU", "50", "Inlet", "20"]],
    );
    let long = format!("{{\"a\":1,\"b\":[{}0]}}\n{{\"a\":2}}", "0,".repeat(99));
    let error = read(Box::new(Cursor::new(long)), false).err().unwrap();
    assert!(error.to_string().contains("`b` is a list of 100 items"));
}

/// The series of databases, each in its own answer.
#[test]
fn series_of_every_database() {
    let rows: &[&[&str]] = &[&["60", "1.5", "2.5"], &["120", "3.5", "4.5"]];
    for (json, names) in [
        (
            r#"{"resultType":"matrix","result":[{"metric":{"i":"1"},"values":[[60,"1.5"],[120,"3.5"]]},
                {"metric":{"i":"2"},"values":[[60,"2.5"],[120,"4.5"]]}]}"#,
            ["i=1", "i=2"],
        ),
        (
            "{\"metric\":{\"i\":\"1\"},\"values\":[1.5,3.5],\"timestamps\":[60,120]}\n\
             {\"metric\":{\"i\":\"2\"},\"values\":[2.5,4.5],\"timestamps\":[60,120]}",
            ["i=1", "i=2"],
        ),
        (
            r#"[{"metric":"m","tags":{"i":"1"},"dps":{"60":1.5,"120":3.5}},
                {"metric":"m","tags":{"i":"2"},"dps":{"60":2.5,"120":4.5}}]"#,
            ["i=1", "i=2"],
        ),
        (
            r#"{"MetricDataResults":[{"Label":"a","Timestamps":[120,60],"Values":[3.5,1.5]},
                {"Label":"b","Timestamps":[120,60],"Values":[4.5,2.5]}]}"#,
            ["a", "b"],
        ),
        (
            r#"{"series":[{"metric":"a","scope":"x","pointlist":[[60,1.5],[120,3.5]]},
                {"metric":"b","scope":"x","pointlist":[[60,2.5],[120,4.5]]}]}"#,
            ["a", "b"],
        ),
        (
            r#"{"value":[{"name":{"value":"a"},"timeseries":[{"data":[{"timeStamp":60,"average":1.5},
                {"timeStamp":120,"average":3.5}]}]},{"name":{"value":"b"},"timeseries":[{"data":[
                {"timeStamp":60,"average":2.5},{"timeStamp":120,"average":4.5}]}]}]}"#,
            ["a", "b"],
        ),
        (
            r#"[{"schema":{"fields":[{"name":"Time","type":"time"},{"name":"a"},{"name":"b"}]},
                "data":{"values":[[60,120],[1.5,3.5],[2.5,4.5]]}}]"#,
            ["a", "b"],
        ),
    ] {
        is(json, &["timestamp", names[0], names[1]], rows);
    }
}

/// Broken if one line that is no JSON costs all others.
#[test]
fn lines_that_are_no_json_are_counted() {
    let text = "{\"a\":1}\noops\n{\"a\":NaN}\n{\"a\":";
    let (json, notes) = read(Box::new(Cursor::new(text)), false).unwrap();
    assert!(matches!(json, Json::Table(memory) if memory.rows == [vec!["1"], vec![""]]));
    assert_eq!(
        notes,
        ["2 lines are no JSON and left out (first in line 2)"]
    );
    assert!(read(Box::new(Cursor::new(text)), true).is_err());
}
