//! `bellwether fleet`: shards, merging, ranking and the comparison with peers.

use crate::common::{bellwether, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Rows of a node's recording.
const ROWS: usize = 900;

/// Settings of all runs.
pub const SET: [&str; 2] = ["--set", "learn=300"];

/// Recordings of nodes, each with a fault of its own.
pub fn recordings(folder: &Path, nodes: usize, rows: usize) -> Vec<PathBuf> {
    let node = |node: usize| {
        let mut text = "timestamp,a,b,c\n".to_owned();
        for row in 0..rows {
            let t = (row + 13 * node) as f64;
            let load = (t / 25.0).sin() + 0.1 * (t * 1.7).sin();
            let fault = if row % 400 == 350 + node { 9.0 } else { 0.0 };
            let c = (row * (node + 7) * 7919) % 97;
            text += &format!(
                "{},{},{},{}\n",
                1_700_000_000 + 60 * row,
                50.0 + load + fault,
                20.0 - 2.0 * load,
                if row % 211 == 5 {
                    String::new()
                } else {
                    c.to_string()
                }
            );
        }
        let path = folder.join(format!("r{}n{node}.csv", node % 2));
        fs::write(&path, text).unwrap();
        path
    };
    (0..nodes).map(node).collect()
}

fn fleet(arguments: &[&str], paths: &[PathBuf]) -> Output {
    let paths = paths.iter().map(|path| path.to_str().unwrap());
    let all: Vec<&str> = arguments.iter().copied().chain(paths).collect();
    run(&all, "")
}

pub fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).unwrap()
}

fn shard(shard: &str, results: &Path, paths: &[PathBuf]) -> String {
    let results = results.to_str().unwrap();
    let arguments = [&["fleet", "run", "--shard", shard, "-o", results][..], &SET].concat();
    let output = fleet(&arguments, paths);
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

pub fn merged(results: &Path, to: &Path) -> Output {
    let (results, to) = (results.to_str().unwrap(), to.to_str().unwrap());
    run(&["fleet", "merge", results, "-o", to], "")
}

/// The merged result of a run in one piece.
pub fn whole(folder: &Path, paths: &[PathBuf]) -> Vec<u8> {
    let (results, file) = (folder.join("whole"), folder.join("whole.jsonl"));
    shard("0/1", &results, paths);
    let output = merged(&results, &file);
    assert!(output.status.success(), "{}", said(&output));
    fs::read(file).unwrap()
}

/// Broken if the verdicts of a fleet are not those of `bellwether run`, or depend on the number of shards.
#[test]
fn shards_merge_to_the_verdicts_of_every_node() {
    let folder = tempfile::tempdir().unwrap();
    let paths = recordings(folder.path(), 5, ROWS);
    let whole = String::from_utf8(whole(folder.path(), &paths)).unwrap();
    for path in &paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let arguments = [&["run", path.to_str().unwrap()][..], &SET].concat();
        let alone = String::from_utf8(run(&arguments, "").stdout).unwrap();
        assert!(!alone.is_empty(), "{name} has no verdict");
        let begin = format!("{{\"node\":\"{name}\",");
        let own = whole.lines().filter_map(|line| line.strip_prefix(&begin));
        let own: Vec<String> = own
            .filter(|line| line.starts_with("\"tick\""))
            .map(|line| format!("{{{line}\n"))
            .collect();
        assert_eq!(own.concat(), alone, "{name}");
    }
    let sum = format!("{{\"fleet\":{{\"nodes\":5,\"frames\":{},", 5 * ROWS);
    assert!(whole.lines().last().unwrap().starts_with(&sum), "{whole}");
    let results = folder.path().join("parts");
    for k in ["2/3", "0/3", "1/3"] {
        shard(k, &results, &paths);
    }
    let file = folder.path().join("parts.jsonl");
    let output = merged(&results, &file);
    assert!(said(&output).contains("5 nodes, 4,500 frames, each judged once"));
    assert_eq!(fs::read_to_string(&file).unwrap(), whole);
}

/// Broken by a rerun that judges all again, or that trusts a result of another recording.
#[test]
fn a_rerun_keeps_what_is_there_and_judges_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let paths = recordings(folder.path(), 3, ROWS);
    let results = folder.path().join("results");
    shard("0/1", &results, &paths);
    fs::remove_file(results.join("r1n1.jsonl")).unwrap();
    fs::write(results.join(".r1n1.jsonl.dead.part"), "half a result").unwrap();
    let again = shard("0/1", &results, &paths);
    assert!(
        again.contains("1 node judged, 900 frames; 2 were there"),
        "{again}"
    );
    assert!(!results.join(".r1n1.jsonl.dead.part").exists());
    let mut text = fs::read_to_string(&paths[0]).unwrap();
    text += "1700054000,50,20,3\n";
    fs::write(&paths[0], text).unwrap();
    let again = shard("0/1", &results, &paths);
    assert!(
        again.contains("1 node judged, 901 frames; 2 were there"),
        "{again}"
    );
}

/// Broken by a merge that does not see what is missing, there twice or changed.
#[test]
fn a_merge_refuses_what_is_not_complete() {
    let folder = tempfile::tempdir().unwrap();
    let paths = recordings(folder.path(), 3, ROWS);
    let results = folder.path().join("results");
    let file = folder.path().join("merged.jsonl");
    let refused = |what: &str| {
        let output = merged(&results, &file);
        assert!(!output.status.success(), "{what}");
        assert!(said(&output).contains(what), "{what}: {}", said(&output));
        assert!(!file.exists(), "{what}: half a result is there");
    };
    shard("0/2", &results, &paths);
    refused("1 of 3 nodes have no result, the first is r0n2");
    shard("1/2", &results, &paths);
    let node = results.join("r0n2.jsonl");
    let good = fs::read_to_string(&node).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let with = |lines: &[&str]| fs::write(&node, lines.join("\n") + "\n").unwrap();
    with(&lines[..lines.len() - 1]);
    refused("r0n2.jsonl: the result has no end");
    with(&[&lines[..3], &lines[2..]].concat());
    refused("comes twice");
    with(&[&lines[..2], &lines[3..]].concat());
    refused("verdicts, but the end says");
    fs::write(&node, &good[..good.len() / 2]).unwrap();
    refused("it breaks off");
    fs::write(&node, b"\xff\xfe\n").unwrap();
    refused("r0n2.jsonl: line 1");
    fs::write(&node, &good).unwrap();
    fs::write(results.join("other.jsonl"), &good).unwrap();
    refused("node other is not of this run");
    fs::remove_file(results.join("other.jsonl")).unwrap();
    let copy = folder.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for name in ["fleet.json", "r0n2.jsonl"] {
        fs::copy(results.join(name), copy.join(name)).unwrap();
    }
    let [a, b, to] = [&results, &copy, &file].map(|path| path.to_str().unwrap());
    let output = run(&["fleet", "merge", a, b, "-o", to], "");
    assert!(
        said(&output).contains("both of node r0n2"),
        "{}",
        said(&output)
    );
    assert!(merged(&results, &file).status.success());
}

/// Broken by results of two settings in one folder, or by a task that stops all of its shard.
#[test]
fn wrong_use_and_a_bad_recording_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = recordings(folder.path(), 2, ROWS);
    let results = folder.path().join("results");
    shard("0/1", &results, &paths);
    let to = results.to_str().unwrap();
    let output = fleet(&["fleet", "run", "-o", to, "--set", "learn=200"], &paths);
    assert!(!output.status.success());
    assert!(
        said(&output).contains("results of another run"),
        "{}",
        said(&output)
    );
    let output = fleet(&["fleet", "run", "-o", to, "--shard", "3/3"], &paths);
    assert!(said(&output).contains("0/3 to 2/3"), "{}", said(&output));
    let bad = folder.path().join("bad.csv");
    fs::write(&bad, b"timestamp,a\n1,\xff\xfe\x00\n").unwrap();
    paths.insert(0, bad);
    let other = folder.path().join("other");
    let arguments = [
        &["fleet", "run", "--strict", "-o", other.to_str().unwrap()][..],
        &SET,
    ];
    let output = fleet(&arguments.concat(), &paths);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("bad.csv"), "{}", said(&output));
    assert!(said(&output).contains("2 nodes judged, 1,800 frames; 0 were there, 1 failed"));
    assert!(other.join("r1n1.jsonl").exists() && !other.join("bad.jsonl").exists());
}

/// Broken by a ranking that reads only one kind of input, or shows a line per node.
#[test]
fn a_shift_sees_what_nodes_share_first() {
    let folder = tempfile::tempdir().unwrap();
    let paths = recordings(folder.path(), 4, ROWS);
    whole(folder.path(), &paths);
    let event = |node: &str, phase: &str, at: u64| {
        format!(
            r#"{{"id":1,"phase":"{phase}","kind":"stuck","severity":"critical","node":"{node}","group":"hwmon","since_ms":1700000000000,"at_ms":{at},"score":null,"threshold":null,"variables":[],"job":"77","message":"fan1 repeats 0"}}"#
        )
    };
    let lines = [
        event("r0n0", "start", 1_700_000_000_000),
        event("r1n1", "start", 1_700_000_060_000),
        event("r5n5", "start", 1_700_000_090_000),
        event("r0n0", "update", 1_700_003_600_000),
        "{\"node\":\"r0n0\",\"id\":".to_owned(),
    ];
    let events = folder.path().join("events.jsonl");
    fs::write(&events, lines.join("\n")).unwrap();
    let merged = folder.path().join("whole.jsonl");
    let [events, merged] = [&events, &merged].map(|path| path.to_str().unwrap());
    let all = ["fleet", "rank", events, merged, "--rack", "r{rack}n*"];
    let output = run(&all, "");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let first = text.lines().nth(1).unwrap();
    assert!(first.contains("critical  job 77"), "{text}");
    assert!(first.contains("fan1 repeats 0"), "{text}");
    assert!(text.contains("rack 0") || text.contains("rack 1"), "{text}");
    assert!(
        said(&output).contains("events.jsonl: line 5"),
        "{}",
        said(&output)
    );
    let output = run(
        &[&all[..], &["--format", "jsonl", "--lines", "1"]].concat(),
        "",
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1);
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&line["place"]["job"], &line["on"]),
        (&"77".into(), &true.into())
    );
}

/// A generated fleet of eight nodes, with jobs of an unseen type and a warmer room in the test part.
fn generated(folder: &Path, jobs: &str) -> PathBuf {
    let path = folder.join("fleet.csv");
    let to = path.to_str().unwrap();
    let fixed = [
        "generate", "fleet", "--nodes", "8", "--rows", "4000", "--seed", "3",
    ];
    let more = [
        "--faults",
        "16",
        "--new-job",
        "--warmer",
        "3",
        "--jobs",
        jobs,
        "-o",
        to,
    ];
    let output = run(&[&fixed[..], &more].concat(), "");
    assert!(output.status.success(), "{}", said(&output));
    path
}

fn compared(path: &Path, more: &[&str]) -> Vec<serde_json::Value> {
    let labels = path.with_extension("labels.csv");
    let [path, labels] = [path, &labels].map(|path| path.to_str().unwrap());
    let fixed = [
        "fleet",
        "compare",
        path,
        "--labels",
        labels,
        "--json",
        "--set",
        "learn=1600",
    ];
    let output = run(&[&fixed[..], more].concat(), "");
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn mean(about: &[serde_json::Value], side: &str) -> f64 {
    let pates: Vec<f64> = about
        .iter()
        .filter_map(|of| of[side]["pate"].as_f64())
        .collect();
    pates.iter().sum::<f64>() / pates.len() as f64
}

/// Broken by peers that take nothing away, or that are taken from other jobs.
#[test]
fn peers_of_one_job_tell_a_fault_from_a_new_job() {
    let folder = tempfile::tempdir().unwrap();
    let path = generated(folder.path(), "1");
    let jobs = path.with_extension("jobs.csv");
    let verdicts = folder.path().join("beyond.jsonl");
    let [jobs, verdicts] = [&jobs, &verdicts].map(|path| path.to_str().unwrap());
    let about = compared(&path, &["--jobs", jobs, "-o", verdicts]);
    let (own, peers) = (mean(&about, "own"), mean(&about, "peers"));
    println!("PATE by own past {own:.3}, beyond peers {peers:.3}");
    assert!(peers > 0.8 && peers > own + 0.3, "{own} {peers}");
    let ranked = run(&["fleet", "rank", verdicts], "");
    assert!(String::from_utf8(ranked.stdout).unwrap().contains("node"));
    // Eight jobs at a time: nobody has a peer but when three are idle.
    let apart = tempfile::tempdir().unwrap();
    let path = generated(apart.path(), "8");
    let jobs = path.with_extension("jobs.csv");
    let about = compared(&path, &["--jobs", jobs.to_str().unwrap()]);
    let few = |of: &serde_json::Value| of["with_peers"].as_f64().unwrap() < 0.1;
    assert!(about.iter().all(few), "{about:?}");
    assert!(about.iter().all(|of| of["plain"]["rows"] == 0), "{about:?}");
}

/// Broken if the plain rule does not find a node that is slow but answers, or finds one of another job.
#[test]
fn a_slow_node_of_a_job_is_found_by_the_plain_rule() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    let nodes = [
        ("a", 7, 1.0),
        ("b", 7, 1.0),
        ("c", 7, 0.7),
        ("d", 8, 0.5),
        ("e", 7, 1.0),
    ];
    for (name, job, factor) in nodes {
        let mut text = "timestamp,speed,power,fan,job\n".to_owned();
        for row in 0..200 {
            let slow = if row >= 150 { factor } else { 1.0 };
            let wave = 100.0 + ((row * 7 + job) % 5) as f64;
            let time = 1_700_000_000 + 60 * row;
            text += &format!("{time},{},{wave},{},{job}\n", slow * wave, 3000 + row % 3);
        }
        let path = folder.path().join(format!("{name}.csv"));
        fs::write(&path, text).unwrap();
        paths.push(path);
    }
    let fixed = [
        "fleet",
        "compare",
        "--job",
        "job",
        "--json",
        "--set",
        "learn=100",
    ];
    let output = fleet(&fixed, &paths);
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let longest = |node: &str| -> serde_json::Value {
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let mut lines = lines.filter(|line: &serde_json::Value| line["node"] == node);
        lines.next().unwrap()["longest"].clone()
    };
    let slow = longest("c");
    assert_eq!(
        (&slow["variable"], &slow["first"]),
        (&"speed".into(), &150.into())
    );
    assert_eq!(slow["rows"], 50);
    assert!(longest("a").is_null() && longest("d").is_null(), "{text}");
    let output = fleet(&["fleet", "compare", "--job", "jobs"], &paths);
    assert!(said(&output).contains("no recording has a column jobs"));
    let output = fleet(&["fleet", "compare"], &paths);
    assert!(said(&output).contains("--same-job"), "{}", said(&output));
}

/// Broken by a command of a fleet without a server that panics or waits.
#[test]
fn a_server_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let paths = recordings(folder.path(), 1, 50);
    let to = ["--nats", "nats://127.0.0.1:1", "--stream", "x"];
    for arguments in [
        [&["fleet", "serve"][..], &to].concat(),
        [&["fleet", "replay", paths[0].to_str().unwrap()][..], &to].concat(),
        [&["fleet", "merge", "-o", "none.jsonl"][..], &to].concat(),
    ] {
        let output = bellwether(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(
            said(&output).contains("nats://127.0.0.1:1: no connection"),
            "{}",
            said(&output)
        );
    }
}
