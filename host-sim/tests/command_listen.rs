//! `bellwether listen`: a device's bytes, whole and damaged.

use crate::common::bellwether;
use bellwether::autoencoder::Contribution;
use bellwether::quartet::Shape;
use bellwether::report::{Detail, Notice, Record, frame_records, hello, notice_records};
use bellwether::sentinel::{Rules, Settings};
use bellwether::{Cause, Detector, Reading, Tick, sentinel_of};
use std::fmt::Write as _;
use std::io::Write;
use std::process::{Child, Output};

const SHAPE: Shape = Shape::small(3);
const ROWS: u64 = 800;
const NAMES: &str = "level,inflow,wave";

/// A fault, a stuck and a silent sensor.
fn row(tick: u64) -> [Reading; 3] {
    let wave = (tick * 7 % 23) as f32;
    let fault = if (500..520).contains(&tick) {
        30.0
    } else {
        0.0
    };
    let stuck = if tick >= 600 {
        5.5
    } else {
        (tick * 5 % 11) as f32
    };
    let silent = (700..720).contains(&tick);
    let third = if silent {
        Reading::Absent(Cause::Missing)
    } else {
        wave.into()
    };
    [stuck.into(), (50.0 - wave + fault).into(), third]
}

/// The bytes of a device with a sentinel that also streams its readings, as the app `sentinel` sends them.
fn bytes(detail: Detail) -> Vec<u8> {
    let rules = Rules::try_from(Settings::of_shape(SHAPE, 300)).unwrap();
    let basis = rules.alarm().promise().basis();
    let mut guard = <sentinel_of!(SHAPE)>::new();
    let mut bytes = Vec::new();
    let mut send = |record: Record| bytes.extend_from_slice(&record.frame());
    send(hello::<sentinel_of!(SHAPE)>(
        "sentinel",
        3,
        &rules,
        [300, SHAPE.vectors.into(), 0],
    ));
    for tick in 0..ROWS {
        let frame = row(tick);
        frame_records(Tick(tick), &frame).for_each(&mut send);
        let answer = guard.observe(&rules, Tick(tick), &frame);
        let notice = Notice::of(&guard.event(), basis);
        let means = guard.detector().quartet().means();
        let parts = guard.shares().zip(frame.iter().zip(means));
        let parts = parts.filter_map(|((feature, error), (reading, expected))| {
            let value = reading.usable().ok()?;
            Some(Contribution {
                feature,
                frame: 0,
                value,
                expected,
                error,
            })
        });
        let parts = answer.score.map(|_| parts).into_iter().flatten();
        let (finding, complaints) = (guard.finding(), guard.complaints());
        let records = notice_records(
            Tick(tick),
            &answer,
            notice,
            finding,
            complaints,
            parts,
            detail,
        );
        records.for_each(&mut send);
    }
    bytes
}

fn recording() -> String {
    let mut rows = format!("timestamp,{NAMES}\n");
    for tick in 0..ROWS {
        let values =
            row(tick).map(|reading| reading.usable().map_or(String::new(), |x| x.to_string()));
        writeln!(rows, "{tick},{}", values.join(",")).unwrap();
    }
    rows
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child: Child = bellwether(arguments).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn listened(arguments: &[&str], bytes: &[u8]) -> (String, String) {
    let all = [&["listen", "-", "--names", NAMES][..], arguments].concat();
    let output = run(&all, bytes);
    let said = text(output.stderr);
    assert!(output.status.success(), "{said}");
    (text(output.stdout), said)
}

/// The lines of `run` with the settings of a board.
fn expected(arguments: &[&str]) -> String {
    let settings = ["fit=device", "preset=small", "learn=300"];
    let settings = settings.iter().flat_map(|setting| ["--set", setting]);
    let all: Vec<&str> = ["run", "-"]
        .into_iter()
        .chain(settings)
        .chain(arguments.iter().copied())
        .collect();
    let output = run(&all, recording().as_bytes());
    assert!(output.status.success(), "{}", text(output.stderr));
    text(output.stdout)
}

/// Broken by a field, a name or a number that a device's line has and `run` has not, in any format; by a reading
/// that is recorded otherwise than it was read.
#[test]
fn a_line_says_what_a_run_says_and_records_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = folder.path().join("recorded.csv");
    for format in ["jsonl", "csv", "table"] {
        let wanted = ["--all", "--format", format];
        let file = recorded.to_str().unwrap();
        let (lines, said) = listened(
            &[&wanted[..], &["--record", file]].concat(),
            &bytes(Detail::Everything),
        );
        assert_eq!(lines, expected(&wanted), "{format}");
        assert!(
            said.contains("sentinel, 3 variables, 300 frames of warm-up"),
            "{said}"
        );
        let summary =
            "1 starts, 800 answers, 800 frames of readings, 0 frames and 0 answers lost\n";
        assert!(said.ends_with(summary), "{said}");
        assert_eq!(std::fs::read_to_string(&recorded).unwrap(), recording());
    }
    let (lines, _) = listened(&[], &bytes(Detail::Flagged));
    assert_eq!(lines, expected(&[]));
    assert!(lines.lines().count() > 20);
}

/// A line without its finding.
fn without_finding(line: &str) -> String {
    let Some((before, rest)) = line.split_once(r#","finding":{"#) else {
        return line.to_owned();
    };
    let (_, after) = rest.split_once('}').unwrap();
    format!("{before}{after}")
}

/// Broken by a torn, noisy or cut stream that costs more than what was damaged, invents an answer, or loses
/// one without saying so.
#[test]
fn damage_costs_what_it_hits_and_is_counted() {
    let whole = bytes(Detail::Everything);
    let all = expected(&["--all"]);
    let known: Vec<&str> = all.lines().collect();
    let records: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == 0).collect();
    let noise: Vec<u8> = (1..=200).collect();
    let with = |at: usize, parts: &[&[u8]]| {
        let (before, after) = records.split_at(at);
        [&before.concat()[..], &parts.concat(), &after.concat()].concat()
    };
    let middle = records.len() / 2;
    let mut flipped = whole.clone();
    let at = whole.len() * 3 / 4;
    flipped[at] ^= if flipped[at] == 0x10 { 0x20 } else { 0x10 };
    let without = |at: usize| [&records[..at], &records[at + 1..]].concat().concat();
    // The stream, the answers that are lost at most, and the reason that is given, if any.
    let mut cases: Vec<(Vec<u8>, usize, &str)> = vec![
        (with(middle, &[&noise, &[0]]), 1, "no zero in 64 bytes"),
        (
            with(0, &[b"booting, \xff\xfe 1.2\r\n\0\0\0"]),
            0,
            "no record: ",
        ),
        (with(middle, &[&[0], &[0, 0]]), 0, ""),
        (flipped, 2, "no record: "),
        // Within a record of the first hundred rows, and at the end.
        (whole[5000..].to_vec(), 120, "no record: "),
        (whole[..whole.len() - 20].to_vec(), 1, ""),
    ];
    cases.extend((middle..middle + 8).map(|at| (without(at), 1, "")));
    for (k, (stream, most, reason)) in cases.into_iter().enumerate() {
        let (lines, said) = listened(&["--all", "--detector", "sentinel"], &stream);
        let lines: Vec<&str> = lines.lines().collect();
        let mut rest = known.iter();
        // Before the first finding, one that vanishes whole leaves no trace.
        let known_line = |line: &&str| rest.any(|of| of == line || without_finding(of) == **line);
        assert!(lines.iter().all(known_line), "case {k}: an invented line");
        let lost = known.len() - lines.len();
        assert!(lost <= most, "case {k}: {lost} lost, {said}");
        assert!(said.contains(reason), "case {k}: {said}");
        let silent = said.contains(" 0 frames and 0 answers lost\n");
        assert!(lost == 0 || !silent, "case {k}: {said}");
    }
}

/// Broken by a device whose greeting or detector is unknown and which is not heard, or by names of another
/// number of variables.
#[test]
fn an_unknown_detector_is_printed_as_it_is() {
    let whole = bytes(Detail::Everything);
    let greeting = whole.iter().position(|byte| *byte == 0).unwrap() + 1;
    let (lines, said) = listened(&[], &whole[greeting..]);
    assert!(
        said.contains("measures of its detector are not known"),
        "{said}"
    );
    // The alarm before the first answer could be what was missed.
    let last = lines.lines().last().unwrap();
    assert!(
        last.contains(r#""measure":"score""#) && last.contains("inflow"),
        "{last}"
    );
    let output = run(&["listen", "-", "--names", "a,b"], &whole);
    let said = text(output.stderr);
    assert!(
        said.contains("2 names, but the device has 3 variables"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(2));
}
