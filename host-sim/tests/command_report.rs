//! `bellwether report`: the page it writes, from every shape of recording.

use crate::pages::assert_whole;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn report(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .args(["report", "--detector", "rola"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The page of a recording, and what was said.
fn page(recording: &str, settings: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), recording).unwrap();
    let mut arguments = vec!["r.csv"];
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    let output = report(folder.path(), &arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(output.stdout.is_empty());
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert_whole(&page);
    (page, stderr)
}

/// Two related waves, minute by minute, with a step in both of them at one row.
fn stepped(rows: u64, at: u64) -> String {
    let mut text = "timestamp,a,b,label\n".to_owned();
    for row in 0..rows {
        let t = row as f64;
        let jump = if row == at { 30.0 } else { 0.0 };
        let a = 50.0 + (t / 25.0).sin() + 0.05 * (t * 1.7).sin() + jump;
        let time = 1_635_379_200 + 60 * row;
        let _ = writeln!(text, "{time},{a:.3},{:.3},{}", 2.0 * a, u8::from(row == at));
    }
    text
}

#[test]
fn the_page_says_what_happened_when_and_why() {
    let (page, talk) = page(&stepped(320, 300), &["window=200", "history=200"]);
    assert!(
        talk.contains("320 rows: 5 anomalous, 0 blind, ")
            && talk.contains("; 2 variables, ")
            && talk.contains("report: r.html"),
        "{talk}"
    );
    assert!(
        talk.contains("vote: ") && talk.contains("any lane: "),
        "{talk}"
    );
    for said in [
        "<h1>r.csv</h1>",
        "320 rows · 2 variables · 2021-10-28 00:00 to 2021-10-28 05:19 (5 h 19 min)",
        "<dt>window</dt><dd>200</dd>",
        "2021-10-28 05:00",
        "at tick 300",
        "was expected (score ",
        " agrees.",
        "event rule (K = 7 rows)",
        "exact rows",
        "class=\"dot confirmed\"",
        "class=\"label\"",
        "Every row is drawn.",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let recording = stepped(320, 300);
    assert!(page(&recording, &[]).0 == page(&recording, &[]).0);
}

#[test]
fn names_and_timestamps_cannot_become_markup() {
    let hostile = "<script>\"&";
    let mut text = format!(
        "timestamp,\"{}\",'</script>\n",
        hostile.replace('"', "\"\"")
    );
    for row in 0..60 {
        let a = if row == 50 {
            900.0
        } else {
            50.0 + f64::from(row % 5)
        };
        let _ = writeln!(text, "<b>{row}&</script>,{a},{}", 2.0 * a);
    }
    let (page, _) = page(&text, &[]);
    assert_eq!(
        page.matches("<script").count(),
        2,
        "the data and the program"
    );
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<b>50") && page.contains("&#60;b&#62;50&#38;&#60;/script&#62;"));
    assert!(page.contains("&#60;script&#62;&#34;&#38;"));
}

#[test]
fn odd_recordings_give_a_page_too() {
    let column = |value: &dyn Fn(u32) -> String| -> String {
        let rows = (0..100).map(|row| format!("{row},{},{}\n", row % 7, value(row)));
        "timestamp,a,b\n".to_owned() + &rows.collect::<String>()
    };
    let (empty, _) = page("timestamp,a,b\n", &[]);
    assert!(empty.contains("0 rows · 2 variables") && empty.contains("Nothing was flagged."));
    let (one, _) = page("timestamp,a,label\n7,1.5,0\n", &[]);
    assert!(one.contains("1 row · 1 variable · 7 to 7"));
    let (missing, _) = page(&column(&|_| String::new()), &[]);
    assert!(missing.contains("100 rows missing, no usable value"));
    assert!(missing.contains("class=\"blind\" d=\"M0.0,"));
    let (constant, _) = page(&column(&|_| "3.25".to_owned()), &["stuck_after=30"]);
    assert!(constant.contains("b repeats one value"));
    page(&column(&|_| "3e38".to_owned()), &[]);
    page(
        &column(&|row| if row % 2 == 0 { "-3e38" } else { "3e38" }.to_owned()),
        &[],
    );
    page(
        &column(&|row| if row % 2 == 0 { "" } else { "inf" }.to_owned()),
        &[],
    );
}

#[test]
fn a_long_recording_gives_a_page_of_bounded_size_that_says_so() {
    let (page, _) = page(&stepped(120_000, 100_001), &["window=200", "history=200"]);
    assert!(page.len() < 3_000_000, "{}", page.len());
    assert!(page.contains("Drawn from bins of 16 rows"));
    assert!(page.contains("at tick 100001"));
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), stepped(9, 3)).unwrap();
    let cases: [(&[&str], &str); 5] = [
        (&["-"], "give one with -o FILE"),
        (&["no-such-file.csv"], "no-such-file.csv: "),
        (
            &["r.csv", "--set", "windows=3"],
            "unknown setting `windows`",
        ),
        (&["r.csv", "--set", "floor.c=1"], "there are: a, b"),
        (
            &["r.csv", "--output", "no/such/folder.html"],
            "no/such/folder.html: ",
        ),
    ];
    for (arguments, reason) in cases {
        let output = report(folder.path(), arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
    }
    assert!(!folder.path().join("r.html").exists());
}

#[test]
fn the_ferrybox_page_holds_every_confirmed_interval() {
    let data = std::env::var_os("BELLWETHER_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let data = data.join("ferrybox");
    let Ok(golden) = fs::read_to_string(data.join("golden_rola_w1440_p1440_replace.csv")) else {
        assert!(
            std::env::var_os("BELLWETHER_REQUIRE_DATA").is_none(),
            "no data in {}",
            data.display()
        );
        eprintln!("skipped: no data");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let recording = data.join("ferrybox.csv");
    let set = ["--set", "window=1440", "--set", "history=1440"];
    let output = report(
        folder.path(),
        &[&[recording.to_str().unwrap()], &set[..]].concat(),
    );
    assert_eq!(output.status.code(), Some(0));
    let page = fs::read_to_string(folder.path().join("ferrybox.html")).unwrap();
    assert_whole(&page);
    assert!(page.len() < 2_000_000, "{}", page.len());

    // Ticks of the table, from `at tick 396, 604–606`.
    let mut listed: Vec<u64> = Vec::new();
    for run in page
        .split("<small>at tick ")
        .skip(1)
        .flat_map(|rest| rest.split('<').next().unwrap().split(", "))
    {
        let (first, last) = run.split_once('–').unwrap_or((run, run));
        listed.extend(first.parse::<u64>().unwrap()..=last.parse().unwrap());
    }
    let rows: Vec<Vec<&str>> = golden
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let ticks: Vec<u64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(listed, ticks);

    // And the intervals that are drawn, variable by variable.
    let json = page
        .split("id=\"data\">")
        .nth(1)
        .unwrap()
        .split("</script>")
        .next()
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    let header = fs::read_to_string(&recording).unwrap();
    let names: Vec<&str> = header.lines().next().unwrap().split(',').skip(1).collect();
    for row in rows {
        let tick: u64 = row[0].parse().unwrap();
        for name in row[4].split(' ') {
            let variable = names.iter().position(|known| *known == name).unwrap();
            let runs = json["variables"][variable]["runs"].as_array().unwrap();
            let drawn = runs.iter().any(|run| {
                run[2] == "confirmed"
                    && (run[0].as_u64().unwrap()..=run[1].as_u64().unwrap()).contains(&tick)
            });
            assert!(drawn, "{name} at tick {tick}");
        }
    }
}

/// The default detector. Broken by an alarm without a row, by a range that is not drawn, by a dead sensor that
/// is not listed, and by rows of an event rule where alarms are judged by episodes.
#[test]
fn the_default_page_speaks_of_alarms_ranges_and_dead_sensors() {
    let mut text = "timestamp,a,b,c,label\n".to_owned();
    for row in 0..1000_u32 {
        let t = f64::from(row);
        let fault = (600..640).contains(&row);
        let a = 50.0 + (t / 9.0).sin() + 0.2 * (t * 1.7).sin() + 0.1 * (t * 0.37).cos();
        let b = 2.0 * a + if fault { 9.0 } else { 0.0 };
        let c = if row < 800 { row * 7 % 23 } else { 11 };
        let _ = writeln!(text, "{},{a:.3},{b:.3},{c},{}", 60 * row, u8::from(fault));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.csv"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .args(["report", "r.csv", "--set", "learn=400"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(
        talk.contains("1 of 1 labelled event found, 0 false alarms"),
        "{talk}"
    );
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert_whole(&page);
    for said in [
        "<b>1</b> alarm<",
        "<b>1</b> dead sensor<",
        "1 of 1 labelled event found",
        "<tr class=\"critical sure\" data-first=\"6",
        " is usual",
        "Severity up to ",
        "Repeats one value for longer than is usual: c 11",
        "<h3><span>severity</span>",
        "<h3><span>b</span><small>behind ",
        "class=\"band\"",
        "<details class=\"evidence\" open>",
        "<figcaption><b>b</b> · jump by +",
        " at tick 600, level from ",
        "class=\"jump\"",
        "<figcaption><b>c</b> · 71 rows of one value</figcaption>",
        "class=\"run\"",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("event rule"));
}

/// Broken by a plot of every variable, by a variable that is nowhere, by groups without their rule, or by a page
/// that grows with the variables.
#[test]
fn a_wide_page_has_maps_of_groups_and_plots_of_some() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_bellwether"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let talk = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(0), "{talk}");
    };
    run(&[
        "generate", "fleet", "--nodes", "26", "--rows", "1600", "-o", "w.csv",
    ]);
    run(&[
        "report",
        "w.csv",
        "--detector",
        "node",
        "--set",
        "learn=600",
    ]);
    let page = fs::read_to_string(folder.path().join("w.html")).unwrap();
    assert_whole(&page);
    assert!(page.len() < 1_500_000, "{}", page.len());
    for said in [
        "1,600 rows · 312 variables",
        "<h2>Surprise of groups</h2>",
        "before the first “.”.",
        "title=\"node07 (12)\"",
        "the 30 variables with the largest</h2>",
        "variables without a plot</summary>",
        "id=\"search\"",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let plots = page.matches("<article class=\"plot\">").count();
    let data = crate::pages::data(&page);
    assert_eq!(data["variables"].as_array().unwrap().len(), plots);
    assert!(plots < 64, "{plots}");
    let others = page.matches("<th scope=\"row\">node").count();
    let lines = data["heats"][0]["lines"].as_array().unwrap().len();
    assert_eq!((others, lines), (312, 26));
}
