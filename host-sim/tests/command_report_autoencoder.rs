//! `bellwether report --detector autoencoder`: the page it writes.

use crate::models::halving;
use crate::pages::{assert_whole, data};
use bellwether::model::{Head, Score};
use bellwether::threshold::ema;
use bellwether_sim::model::Blob;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

fn report(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .args(["report", "--detector", "autoencoder"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// The page of a recording by a model, and what was said.
fn page(blob: &Blob, recording: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("m.bwm"), blob.to_bytes().unwrap()).unwrap();
    std::fs::write(path("r.csv"), recording).unwrap();
    let output = report(
        folder.path(),
        &["r.csv", "--model", "m.bwm", "-o", "p.html"],
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(output.stdout.is_empty());
    let page = std::fs::read_to_string(path("p.html")).unwrap();
    assert_whole(&page);
    (page, stderr)
}

/// Quarters of an hour of three variables; `hot` jumps in rows 30 to 32, `gone` is never there.
fn recording(rows: u32) -> String {
    let mut text = "timestamp,hot,cold,gone,label\n".to_owned();
    for row in 0..rows {
        let jump = (30..33).contains(&row);
        let hot = if jump { 9.0 + f64::from(row - 30) } else { 2.0 };
        let time = 1_661_990_400 + 900 * row;
        let _ = writeln!(text, "{time},{hot},1,,{}", u8::from(row == 31));
    }
    text
}

#[test]
fn the_page_says_what_erred_when_and_by_which_model() {
    let mut blob = halving(&["cold", "hot", "gone"], 1, 0.5);
    blob.thresholds[0].value = 2.0;
    let (page, talk) = page(&blob, &recording(96));
    for said in [
        "<h1>r.csv</h1>",
        "96 rows · 3 variables · 2022-09-01 00:00 to 2022-09-01 23:45 (23 h 45 min)",
        "A row is anomalous where max-absolute is above 2 or outside is above 0.",
        // 9, 10, 11 halve: errors of 4.5, 5 and 5.5, by two thirds as one of three inputs is missing.
        "max-absolute 3.7 &#62; threshold 2.0 at tick 32: hot 11.0 K where 5.5 was expected \
         (error +5.500), cold 1.00 K where 0.50 was expected (error +0.500).",
        "tick 30–32, 3 rows, 30 min",
        "3 anomalous rows",
        "threshold 2, 3 rows above",
        "<dt>threshold</dt><dd>max-absolute &#62; 2 (quantile 0.99 of 400 rows)</dd>",
        "<dt>rounding</dt><dd>single</dd>",
        "<dt>file</dt><dd>m.bwm</dd>",
        "<dd>cold [K], hot [K], gone [K]</dd>",
        &"ab".repeat(32),
        "class=\"label\"",
        "event rule (K = 7 rows)",
        "A column is a row of the recording.",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("confirmed by the vote") && !page.contains("id=\"show-sure\""));
    assert!(talk.contains("96 rows: 3 anomalous, 0 blind") && talk.contains("report: p.html"));
    // Two of them are labelled 0. 94 rows of a quarter of an hour are: neither the first, which
    // has no step before it, nor the labelled one.
    assert!(talk.contains("2 anomalous rows labelled 0: 2.04 a day in 0.98 days judged"));
}

#[test]
fn the_map_has_the_variable_with_the_largest_error_on_top() {
    let blob = halving(&["cold", "hot", "gone"], 1, 0.5);
    let (page, _) = page(&blob, &recording(96));
    let lines = data(&page)["heats"][0]["lines"].as_array().unwrap().clone();
    let names: Vec<&str> = lines.iter().map(|line| line[0].as_str().unwrap()).collect();
    assert_eq!(names, ["hot", "cold", "gone"]);
    // Of 192 errors, most are 0.5 or 1 and the largest 5.5: colours end at 5. `hot` errs by 1
    // but for rows 30 to 32, by 4.5, 5 and 5.5; `cold` by 0.5; `gone` has no value.
    for path in [
        r#"<path class="h5" d="M0,0.5h30M33,0.5h63"/>"#,
        r#"<path class="h6" d="M30,0.5h1"/>"#,
        r#"<path class="h7" d="M31,0.5h2"/>"#,
        r#"<path class="h4" d="M0,1.5h96"/>"#,
        r#"<path class="none" d="M0,2.5h96"/>"#,
        r#"<span style="top:7px" title="hot">hot</span>"#,
        "5 and more",
    ] {
        assert!(page.contains(path), "{path}");
    }
}

/// Broken by a map that calls a share of the score an error, or shows it of rows that are normal.
#[test]
fn of_a_distance_the_map_shows_what_variables_add() {
    let mut blob = halving(&["cold", "hot"], 1, 0.5);
    let (before, _) = page(&blob, &recording(96));
    assert!(before.contains("<h2>Errors</h2>"));
    blob.head = Head::Distance;
    blob.judging.centre = vec![0.0; 2];
    blob.saturation_limit = None;
    blob.thresholds[0].score = Score::Distance;
    blob.thresholds[0].value = 10.0;
    let (page, _) = page(&blob, &recording(96));
    assert!(page.contains("<h2>What variables add</h2>"));
    // Rows 30 to 32 are anomalous: 11 halves to 5.5, whose square is 30.25; 1 to 0.5.
    for said in [
        "hot 11 K adds +30.250 against its mean 0, cold 1.0 K adds +0.250",
        r#"<path class="none" d="M0,0.5h30M33,0.5h63M0,1.5h30M33,1.5h63"/>"#,
    ] {
        assert!(page.contains(said), "{said}");
    }
}

/// Broken by a page that draws the calibrated threshold where the model moves it.
#[test]
fn a_moving_threshold_is_drawn_as_it_moves() {
    let mut blob = halving(&["cold", "hot"], 1, 0.5);
    blob.judging.moving = ema::Rules::new(2, 4, 8).ok();
    let (page, _) = page(&blob, &recording(60));
    assert!(page.contains("max-absolute is above a threshold that moves with it"));
    assert!(page.contains("moving threshold, "));
    blob.judging.moving = None;
    let (fixed, _) = self::page(&blob, &recording(60));
    assert_ne!(data(&page), data(&fixed));
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let blob = halving(&["cold", "hot", "gone"], 1, 0.5);
    let recording = recording(96);
    assert!(page(&blob, &recording).0 == page(&blob, &recording).0);
}

#[test]
fn odd_recordings_give_a_page_too() {
    let blob = halving(&["a", "b"], 2, 0.5);
    let (empty, _) = page(&blob, "timestamp,a,b\n");
    assert!(empty.contains("0 rows · 2 variables") && empty.contains("Nothing was flagged."));
    page(&blob, "timestamp,a,b,label\n7,1.5,2,0\n");
    let rows = |value: &str| -> String {
        let rows = (0..50).map(|row| format!("{row},{value},{value}\n"));
        "timestamp,a,b\n".to_owned() + &rows.collect::<String>()
    };
    let (missing, _) = page(&blob, &rows(""));
    assert!(missing.contains("50 rows missing"));
    page(&blob, &rows("3e38"));
    page(&blob, &rows("inf"));
    page(&blob, &rows("0"));
}

#[test]
fn names_and_units_cannot_become_markup() {
    let mut blob = halving(&["</script><s>"], 1, 0.5);
    blob.features[0].unit = "<i>\"".to_owned();
    let (page, _) = page(&blob, "timestamp,</script><s>\n<u>,50\n1,1\n");
    assert_eq!(
        page.matches("<script").count(),
        2,
        "the data and the program"
    );
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<s>") && !page.contains("<i>\"") && !page.contains("<u>"));
}

/// 10,000 rows of 100 variables that all differ: the worst there is to draw.
#[test]
fn many_variables_over_many_rows_are_less_than_two_megabytes() {
    let names: Vec<String> = (0..100).map(|k| format!("variable_{k}")).collect();
    let refs: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut text = format!("timestamp,{}\n", names.join(","));
    let mut noise = 1_u32;
    for row in 0..10_000 {
        let _ = write!(text, "{}", 1_661_990_400 + 60 * row);
        for _ in 0..100 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // From 0.03 to 30, evenly in the logarithm.
            let value = 0.03 * 1000_f64.powf(f64::from(noise >> 8) / f64::from(1 << 24));
            let _ = write!(text, ",{value:.2}");
        }
        text.push('\n');
    }
    let (page, _) = page(&halving(&refs, 1, 0.25), &text);
    assert!(page.len() < 2_000_000, "{}", page.len());
    // Too many for a line each: those with the largest errors, behind the groups.
    let heat = data(&page)["heats"][1].clone();
    assert_eq!(heat["width"], 32);
    assert_eq!(heat["lines"].as_array().unwrap().len(), 30);
    assert!(page.contains("A column is 32 rows"));
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let blob = halving(&["cold", "warm"], 1, 0.5);
    std::fs::write(path("m.bwm"), blob.to_bytes().unwrap()).unwrap();
    std::fs::write(path("r.csv"), recording(9)).unwrap();
    let cases: [(&[&str], &str); 4] = [
        (&["r.csv"], "--detector autoencoder needs its --model FILE"),
        (
            &["r.csv", "--model", "m.bwm"],
            "r.csv: the model's variable `warm` has no column",
        ),
        (
            &["r.csv", "--model", "m.bwm", "--set", "window=9"],
            "unknown setting `window`; keys:\njudge=NAME",
        ),
        (
            &["r.csv", "--model", "m.bwm", "-o", "r.csv"],
            "r.csv is the recording",
        ),
    ];
    for (arguments, reason) in cases {
        let output = report(folder.path(), arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
    }
    assert!(!path("r.html").exists());
}
