//! `bellwether inject`: what it writes, that firmware gets the same bits, and what it refuses.

use crate::common::run;
use bellwether::port::FrameSource;
use bellwether::rng::split_mix;
use bellwether::{Cause, Reading, Tick};
use bellwether_hal::source::inject::{Injection, Injector, Kind};
use bellwether_sim::recording::Recording;
use std::convert::Infallible;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Three channels, gaps in the second, an own label in row 7.
fn recording(folder: &Path, rows: u32) -> PathBuf {
    let mut text = "timestamp,temp,fan,load,label\n".to_owned();
    for k in 0..rows {
        let t = f64::from(k);
        let fan = if k % 9 == 4 {
            String::new()
        } else {
            format!("{}", 900.0 + (t / 7.0).cos())
        };
        let (temp, load) = (40.0 + (t / 11.0).sin(), k * 7 % 13);
        let _ = writeln!(text, "{},{temp},{fan},{load},{}", 60 * k, u8::from(k == 7));
    }
    let path = folder.join("r.csv");
    fs::write(&path, text).unwrap();
    path
}

struct Written {
    trace: Vec<(String, Vec<Reading>, bool)>,
    labels: String,
    talk: String,
}

fn inject(input: &Path, arguments: &[&str]) -> Written {
    let output = input.with_file_name("out.csv");
    let paths = [input.to_str().unwrap(), "-o", output.to_str().unwrap()];
    let done = run(&[&["inject"], &paths[..], arguments].concat(), "");
    let talk = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {talk}");
    assert!(done.stdout.is_empty());
    let mut trace = Recording::open(&output).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = trace.next_row().unwrap() {
        let label = row.label.unwrap();
        rows.push((row.timestamp.to_owned(), row.readings.to_vec(), label));
    }
    Written {
        trace: rows,
        labels: fs::read_to_string(input.with_file_name("out.labels.csv")).unwrap(),
        talk,
    }
}

/// Broken by a row, timestamp or label that is lost, or by an amount in another unit.
#[test]
fn a_step_and_a_spike_are_written_and_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.csv");
    fs::write(&path, "timestamp,a,b\nx,1,5\ny,2,6\nz,3,7\nw,4,8\n").unwrap();
    let faults = [
        "--step",
        "at=1,for=2,units=-2,channels=b",
        "--spike",
        "at=3,units=0.5,channels=a+b",
    ];
    let written = inject(&path, &faults);
    let row = |time: &str, a: f32, b: f32, label| {
        (
            time.to_owned(),
            vec![Reading::Value(a), Reading::Value(b)],
            label,
        )
    };
    let wanted = [
        row("x", 1.0, 5.0, false),
        row("y", 2.0, 4.0, true),
        row("z", 3.0, 5.0, true),
        row("w", 4.5, 8.5, true),
    ];
    assert_eq!(written.trace, wanted);
    // Values 1 to 4: the upper median 3 is 1 away from its neighbours, so a spread is 1.4826.
    let wanted = "start,end,kind,channels,severity\n1,2,step,b,1.349\n3,3,spike,a+b,0.337\n";
    assert_eq!(written.labels, wanted);
    assert!(
        written.talk.contains("4 rows, 3 anomalous rows, 2 faults"),
        "{}",
        written.talk
    );
}

/// Frames of memory, as a board's sensors would give them.
struct Frames(std::vec::IntoIter<[Reading; 3]>, u64);

impl FrameSource for Frames {
    type Error = Infallible;

    fn variables(&self) -> usize {
        3
    }

    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, Infallible> {
        let Some(next) = self.0.next() else {
            return Ok(None);
        };
        frame.copy_from_slice(&next);
        self.1 += 1;
        Ok(Some(Tick(self.1 - 1)))
    }
}

/// Option and what is said of it, kind, first row, rows, channels.
type Fault = (&'static str, &'static str, Kind, u64, u32, &'static [usize]);

/// Broken by any difference between the command and what firmware puts between its sensors and
/// its detector, of every kind of fault, with less room.
#[test]
fn firmware_gets_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(folder.path(), 400);
    let faults: [Fault; 10] = [
        (
            "spike",
            "at=20,for=4,units=3.5",
            Kind::Spike(3.5),
            20,
            4,
            &[0],
        ),
        (
            "step",
            "at=40,for=20,units=-1.25",
            Kind::Step(-1.25),
            40,
            20,
            &[0],
        ),
        (
            "drift",
            "at=70,for=30,units=0.7",
            Kind::Drift(0.7),
            70,
            30,
            &[1],
        ),
        ("stuck", "at=110,for=25", Kind::Stuck, 110, 25, &[1, 2]),
        (
            "noise",
            "at=140,for=60,units=2",
            Kind::Noise(2.0),
            140,
            60,
            &[0],
        ),
        (
            "dropout",
            "at=150,for=80,by=0.4",
            Kind::Dropout(0.4),
            150,
            80,
            &[0, 2],
        ),
        ("swap", "at=240,for=10", Kind::Swap, 240, 10, &[0, 2]),
        (
            "scale",
            "at=245,for=20,by=1.5",
            Kind::Scale(1.5),
            245,
            20,
            &[2],
        ),
        ("lag", "at=270,for=40,by=30", Kind::Lag(30), 270, 40, &[0]),
        (
            "decorrelate",
            "at=320,for=70,by=32",
            Kind::Decorrelate(32),
            320,
            70,
            &[0],
        ),
    ];
    let names = ["temp", "fan", "load"];
    let mut arguments = vec!["--seed".to_owned(), "9".to_owned()];
    let mut injections = Vec::new();
    for (k, (form, said, kind, first, length, channels)) in (0..).zip(faults) {
        let channels_said = channels.iter().map(|k| names[*k]).collect::<Vec<_>>();
        arguments.push(format!("--{form}"));
        arguments.push(format!("{said},channels={}", channels_said.join("+")));
        injections.push(Injection {
            kind,
            first: Tick(first),
            length,
            channels: channels.iter().copied().collect(),
            seed: split_mix(9, k),
        });
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let written = inject(&path, &arguments);
    assert_eq!(written.labels.lines().count(), 11, "{}", written.labels);

    let mut trace = Recording::open(&path).unwrap();
    let mut frames = Vec::new();
    while let Some(row) = trace.next_row().unwrap() {
        frames.push(<[Reading; 3]>::try_from(row.readings).unwrap());
    }
    let injections: [Injection; 10] = injections.try_into().unwrap();
    let sensors = Frames(frames.clone().into_iter(), 0);
    let mut source = Injector::<_, _, 3, 32>::new(sensors, injections).unwrap();
    let mut frame = [Reading::Absent(Cause::Missing); 3];
    let mut touched = 0;
    for (row, before) in written.trace.iter().zip(&frames) {
        let tick = source.next_frame(&mut frame).unwrap().unwrap();
        assert_eq!(row.1, frame, "{tick:?}");
        touched += u32::from(frame != *before);
        let faulty = injections.iter().any(|fault| fault.since(tick).is_some());
        assert_eq!(row.2, faulty || tick.0 == 7, "{tick:?}");
    }
    assert_eq!(source.next_frame(&mut frame), Ok(None));
    assert!(touched > 250, "{touched} rows differ");
}

/// Broken by chance that is not the seed's, and by labels that do not say what was done.
#[test]
fn drawn_faults_are_a_matter_of_the_seed_and_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(folder.path(), 3000);
    let draw = |seed: &str| inject(&path, &["--random", "20", "--seed", seed]);
    let (one, again, two) = (draw("1"), draw("1"), draw("2"));
    assert!(one.trace == again.trace && one.labels == again.labels);
    assert!(one.labels != two.labels);
    let mut wanted = vec![false; 3000];
    wanted[7] = true;
    for line in one.labels.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [start, end] = [fields[0], fields[1]].map(|field| field.parse::<usize>().unwrap());
        assert!(start >= 600, "the first fifth is left alone");
        wanted[start..=end].fill(true);
        let severity: f64 = fields[4].parse().unwrap();
        assert!(severity > 0.0, "{line}");
    }
    assert!(one.trace.iter().map(|row| row.2).eq(wanted));
    assert_eq!(one.labels.lines().count(), 21);
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(folder.path(), 50);
    let (input, output) = (path.to_str().unwrap(), folder.path().join("out.csv"));
    let output = output.to_str().unwrap();
    let cases: [(&[&str], &str); 8] = [
        (&[input, "-o", output], "no fault: say one, or --random N"),
        (
            &[input, "-o", output, "--step", "at=1,channels=temp"],
            "--step at=1: for=ROWS is missing",
        ),
        (
            &[input, "-o", output, "--stuck", "at=1,for=2,channels=x"],
            "there are: temp, fan, load",
        ),
        (
            &[input, "-o", output, "--stuck", "at=50,for=2,channels=fan"],
            "the recording has 50 rows",
        ),
        (
            &[input, "-o", output, "--random", "9"],
            "50 rows have no room for 9 faults",
        ),
        (
            &[input, "-o", input, "--random", "1"],
            "is the recording: name another file",
        ),
        (
            &["-", "-o", output, "--random", "1"],
            "--random needs a file",
        ),
        (
            &["-", "-o", output, "--step", "at=1,for=1,by=1,channels=temp"],
            "standard input cannot be read twice",
        ),
    ];
    let text = fs::read_to_string(&path).unwrap();
    for (arguments, reason) in cases {
        let done = run(&[&["inject"], arguments].concat(), &text);
        let talk = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {talk}");
        assert!(talk.contains(reason), "{arguments:?}: {talk}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // In its own unit, standard input will do.
    let fault = [
        "inject",
        "-",
        "-o",
        output,
        "--step",
        "at=1,for=1,units=1,channels=temp",
    ];
    assert_eq!(run(&fault, &text).status.code(), Some(0));
}
