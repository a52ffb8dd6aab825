//! `bellwether bench` as a shell sees it.

use crate::common::run;
use std::fmt::Write as _;
use std::path::Path;

/// A wave with one spike; `shift` makes it another one.
fn series(rows: usize, spike: usize, shift: usize) -> String {
    let mut text = "timestamp,a,b,label\n".to_owned();
    for row in 0..rows {
        let wave = ((row + shift) as f64 / 15.0).sin();
        let label = (spike..spike + 5).contains(&row);
        let more = if label { 8.0 } else { 0.0 };
        let _ = writeln!(
            text,
            "{row},{},{},{}",
            wave + more,
            2.0 * wave,
            u8::from(label)
        );
    }
    text
}

fn data(folder: &Path) {
    for (file, text) in [
        ("one/a.csv", series(900, 500, 0)),
        ("one/b.csv", series(900, 700, 4)),
        ("one/normal.csv", series(900, 9_999, 4)),
        ("one/notes.csv", "series,about\na,b\n".to_owned()),
        ("two/c.train.csv", series(600, 9_999, 1)),
        ("two/c.test.csv", series(400, 200, 2)),
        ("empty/readme.txt", String::new()),
    ] {
        let path = folder.join("data").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn bench(folder: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let (data, out) = (folder.join("data"), folder.join("out"));
    let first = [
        "bench",
        data.to_str().unwrap(),
        "--output",
        out.to_str().unwrap(),
    ];
    let output = run(&[&first[..], more].concat(), "");
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// Broken by a series or detector that is left out, or one without anomalies that is not.
#[test]
fn every_detector_is_scored_on_every_ranked_series() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let tables = folder.path().join("tables.md");
    std::fs::write(&tables, "before\n<!-- bench -->\n<!-- /bench -->\nafter\n").unwrap();
    let write = ["--seeds", "2", "--update", tables.to_str().unwrap()];
    let (code, stdout, stderr) = bench(folder.path(), &write);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("*rola") && stdout.contains(" static3s"),
        "{stdout}"
    );
    let results = std::fs::read_to_string(folder.path().join("out/results.csv")).unwrap();
    // 3 series; 26 detectors without a seed, 3 with two.
    assert_eq!(results.lines().count(), 1 + 3 * (26 + 3 * 2), "{results}");
    let line = |start: &str| {
        let found = results.lines().find(|line| line.starts_with(start));
        found
            .unwrap_or_else(|| panic!("{start}\n{results}"))
            .to_owned()
    };
    // A spike of 8 in a wave of 1: fixed limits rank it first.
    let fields = line("two,c,static3s,default,1,");
    let auc: f64 = fields.split(',').nth(10).unwrap().parse().unwrap();
    assert_eq!(auc, 1.0, "{fields}");
    assert!(line("one,a,iforest,default,2,").ends_with(",765,5"));
    let tables = std::fs::read_to_string(tables).unwrap();
    assert!(tables.starts_with("before\n") && tables.ends_with("after\n"));
    assert!(
        tables.contains("| **rola** |") && tables.contains("### VUS-PR"),
        "{tables}"
    );
    let page = std::fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    assert!(page.contains("series/one__a.html") && page.contains("Critical-difference"));
    let series = std::fs::read_to_string(folder.path().join("out/series/two__c.html")).unwrap();
    assert!(series.contains("Scores of rola") && series.contains("class=\"labels\""));
    assert!(folder.path().join("out/results.parquet").exists());
    assert!(!folder.path().join("out/tuned.csv").exists());
    // A line per finished series, since there is no terminal.
    assert!(stderr.contains("4/4 series, "), "{stderr}");
}

/// Broken by a series without events that is left out, by alarms that are missing from a table, or by
/// a constant score that is not named.
#[test]
fn alarms_are_judged_on_every_series() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let tables = folder.path().join("tables.md");
    std::fs::write(&tables, "<!-- bench -->\n<!-- /bench -->\n").unwrap();
    let constant = "flat=awk 'NR == 1 { split($0, part, /[:,]/); fit = part[4] }
        NR > 1 + fit { print 7 } END { print \"state_bytes=0\" }'";
    let arguments = [
        "--detectors",
        "sigma,static3s",
        "--external",
        constant,
        "--update",
        tables.to_str().unwrap(),
    ];
    let (code, stdout, stderr) = bench(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    let alarms = read("alarms.csv");
    assert_eq!(alarms.lines().count(), 1 + 4 * 3, "{alarms}");
    let line = |start: &str| alarms.lines().find(|line| line.starts_with(start)).unwrap();
    let normal: Vec<&str> = line("one,normal,sigma,").split(',').collect();
    assert_eq!((normal[5], normal[6]), ("0", "765"), "{normal:?}");
    // The spike of 8 in a wave of 1 is found at once by sigma's own threshold, and nothing else is.
    let own: Vec<&str> = line("two,c,sigma,").split(',').collect();
    assert_eq!(own[8..15], ["1.0", "1", "1", "0", "0", "1.0", "0"]);
    assert_eq!(line("two,c,static3s,").split(',').nth(8), Some(""));
    assert!(stdout.contains("flat: constant scores on one/a, one/b, one/normal, two/c"));
    let own = stdout.split_once("Own alarms").unwrap().1;
    assert!(
        own.contains("*sigma") && !own.contains(" static3s"),
        "{stdout}"
    );
    let tables = std::fs::read_to_string(tables).unwrap();
    assert!(tables.contains("### Events found at 3 false episodes per 10,000 normal rows"));
    assert!(
        tables.contains("| **sigma** | overall | 4 | 3 | 1 | 1.000 | 1.000 | 0.00 |"),
        "{tables}"
    );
    let page = read("index.html");
    assert!(page.contains("flat: constant scores on") && page.contains("<h3>Own alarms, "));
    // Alarms that are missing, as in a folder of an earlier version, are made again.
    std::fs::remove_file(folder.path().join("out/alarms.csv")).unwrap();
    let (code, _, stderr) = bench(
        folder.path(),
        &["--detectors", "sigma,static3s", "--external", constant],
    );
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(read("alarms.csv"), alarms);
    let series = read("series/two__c.html");
    assert_eq!(series.matches("Scores of sigma").count(), 1);
    assert_eq!(read("results.csv").lines().count(), 1 + 3 * 3);
}

/// Broken by a program whose failure ends the bench, or that is not named.
#[test]
fn a_program_that_fails_costs_its_own_rows_only() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let failing = [
        (
            "left",
            "left=cat > /dev/null; echo no river here >&2; exit 3",
            "exit status: 3: no river here",
        ),
        (
            "cut",
            "cut=cat > /dev/null; echo 1; printf 2",
            "2 scores for 900 rows",
        ),
        (
            "few",
            "few=cat > /dev/null; echo 1; echo state_bytes=1",
            "1 scores for 900 rows",
        ),
        (
            "word",
            "word=cat > /dev/null; echo state_bytes=x",
            "line 1 of its output: state_bytes=x",
        ),
    ];
    let outside = failing
        .iter()
        .flat_map(|(_, command, _)| ["--external", *command]);
    let arguments: Vec<&str> = ["--detectors", "random"]
        .into_iter()
        .chain(outside)
        .collect();
    let (code, stdout, stderr) = bench(folder.path(), &arguments);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("leaderboard: "), "{stdout}");
    let results = std::fs::read_to_string(folder.path().join("out/results.csv")).unwrap();
    assert_eq!(results.lines().count(), 1 + 3, "{results}");
    let page = std::fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    for (name, _, reason) in failing {
        let line = format!("{name}: no scores for one/a: ");
        let line = stderr.lines().find(|said| said.starts_with(&line));
        assert!(
            line.is_some_and(|line| line.contains(reason)),
            "{name}: {stderr}"
        );
        assert!(
            page.contains(&format!("{name}: no scores for two/c")),
            "{page}"
        );
    }
    // What failed is tried again.
    let again = "left=awk 'NR == 1 { split($0, part, /[:,]/); fit = part[4] }
        NR > 1 + fit { print NR } END { print \"state_bytes=0\" }'";
    let (code, _, stderr) = bench(
        folder.path(),
        &["--detectors", "random", "--external", again],
    );
    assert_eq!(code, Some(0), "{stderr}");
    let results = std::fs::read_to_string(folder.path().join("out/results.csv")).unwrap();
    assert_eq!(results.matches(",left,default,").count(), 3, "{results}");
    // A bench of nothing else says so as well.
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let alone = [
        "--detectors",
        "peers",
        "--sets",
        "two",
        "--external",
        "left=exit 3",
    ];
    let (code, ..) = bench(folder.path(), &alone);
    assert_eq!(code, Some(1));
}

/// Broken by work that is done twice or figures that are lost: a run that was broken off goes on.
#[test]
fn what_is_done_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    bench(folder.path(), &["--sets", "two", "--detectors", "pca"]);
    let path = folder.path().join("out/results.csv");
    let results = std::fs::read_to_string(&path).unwrap();
    let (header, line) = results.split_once('\n').unwrap();
    // PATE becomes a figure that no run would give.
    let mut fields: Vec<&str> = line.trim_end().split(',').collect();
    fields[6] = "0.125";
    std::fs::write(&path, format!("{header}\n{}\n", fields.join(","))).unwrap();
    let (code, stdout, stderr) =
        bench(folder.path(), &["--sets", "two", "--detectors", "pca,ewma"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.contains("0.125"), "{stdout}");
    let results = std::fs::read_to_string(&path).unwrap();
    assert_eq!(results.lines().count(), 3, "{results}");
    let series = std::fs::read_to_string(folder.path().join("out/series/two__c.html")).unwrap();
    assert!(series.contains("Scores of pca") && series.contains("Scores of ewma"));
    assert!(series.find("Scores of ewma") < series.find("<h2>Variables"));
}

/// Broken by a tuned run that takes part in the ranks of the defaults.
#[test]
fn tuned_runs_have_a_table_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    bench(folder.path(), &["--detectors", "repad2,ewma,repad2"]);
    let tuned = [
        "--detectors",
        "repad2",
        "--set",
        "repad2.window=100",
        "--set",
        "repad2.window=120",
    ];
    let (code, stdout, stderr) = bench(folder.path(), &tuned);
    assert_eq!(code, Some(0), "{stderr}");
    let (defaults, tuned) = stdout.split_once("tuned, not to be compared").unwrap();
    assert!(defaults.contains("*repad2 ") && !defaults.contains("window"));
    assert!(tuned.contains("*repad2 (window=100)"), "{stdout}");
    assert!(tuned.contains("*repad2 (window=120)"), "{stdout}");
    let (_, alarms) = tuned.split_once("Own alarms").unwrap();
    assert!(alarms.contains("*repad2 (window=100)"), "{stdout}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    // Named twice, run once, over three series.
    assert_eq!(read("results.csv").matches(",repad2,").count(), 3);
    assert!(!read("results.csv").contains("window=100"));
    assert_eq!(read("tuned.csv").matches(",window=100,").count(), 3);
    assert!(read("index.html").contains("<h2>Tuned: PATE, ties broken</h2>"));
    // A tuned run among the defaults is refused.
    std::fs::copy(
        folder.path().join("out/tuned.csv"),
        folder.path().join("out/results.csv"),
    )
    .unwrap();
    let (code, _, stderr) = bench(folder.path(), &["--detectors", "ewma"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("results.csv: line 2: settings `window=100` among defaults"),
        "{stderr}"
    );
}

/// Broken by a program whose scores are lost or given to other rows.
#[test]
fn a_program_takes_part_beside_the_detectors() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    // The distance of the first variable from zero: what the spike is told by.
    let program = r#"awk -F, 'NR == 1 { split($0, part, /[:,]/); fit = part[4] }
        NR > 1 + fit { print $1 * $1 } END { print "state_bytes=8" }'"#;
    let outside = format!("square={program}");
    let arguments = [
        "--detectors",
        "random",
        "--sets",
        "two",
        "--external",
        &outside,
    ];
    let (code, stdout, stderr) = bench(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let results = std::fs::read_to_string(folder.path().join("out/results.csv")).unwrap();
    let line = results
        .lines()
        .find(|line| line.contains(",square,"))
        .unwrap();
    let fields: Vec<&str> = line.split(',').collect();
    assert_eq!((fields[10], fields[11]), ("1.0", "8"), "{line}\n{stdout}");
    let page = std::fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    assert!(page.contains("a program: "), "{page}");
}

/// Broken by a count that is not of the rows alone: rows of noise take some dozens, and fixed
/// limits some hundreds at most.
#[test]
fn instructions_are_counted() {
    let emulator = format!("qemu-{}", std::env::consts::ARCH);
    if std::process::Command::new(&emulator)
        .arg("--version")
        .output()
        .is_err()
    {
        assert!(
            std::env::var_os("BELLWETHER_REQUIRE_DATA").is_none(),
            "{emulator} is not installed"
        );
        println!("skipped: no {emulator}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let arguments = [
        "--sets",
        "two",
        "--detectors",
        "random,static3s",
        "--instructions",
    ];
    let (code, _, stderr) = bench(folder.path(), &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    let counts = std::fs::read_to_string(folder.path().join("out/instructions.csv")).unwrap();
    let count = |name: &str| -> u64 {
        let line = counts.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit(',').next().unwrap().parse().unwrap()
    };
    let (noise, limits) = (count("random,"), count("static3s,"));
    assert!(noise > 5 && noise < limits && limits < 5_000, "{counts}");
    let page = std::fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    assert!(page.contains("instructions per row"), "{page}");
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    let cases: [(&[&str], &str); 10] = [
        (
            &["--detectors", "rolla"],
            "no detector `rolla`; there are: sentinel, rola, repad2, sigma, limits, cusum, page-hinkley, gaussian, window, profile, mahalanobis, half-space, consensus, golden, quartet, node, incidents, autoencoder, netdata",
        ),
        (&["--sets", "three"], "three"),
        (&["--sets", "empty"], "empty: no recordings"),
        (&["--jobs", "x"], "--jobs"),
        (
            &["--set", "rola"],
            "--set rola: expected DETECTOR.KEY=VALUE",
        ),
        (
            &["--detectors", "pca", "--set", "rola.window=9"],
            "`rola` is not among the detectors that run",
        ),
        (&["--set", "pca.share=0.9"], "pca: has no settings"),
        (
            &["--external", "pca=cat"],
            "`pca` is a detector of the bench",
        ),
        (&["--external", "rola 2=cat"], "expected NAME=COMMAND"),
        (
            &["--external", "a=cat", "--external", "a=cat"],
            "there are two of this name",
        ),
    ];
    for (arguments, reason) in cases {
        let (code, _, stderr) = bench(folder.path(), arguments);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(reason), "{reason}: {stderr}");
    }
}
