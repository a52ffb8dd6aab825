//! Every detector on every board over a recording: the verdicts and points of `bellwether run`.

use crate::shell::{Step, root};
use crate::stages::{bellwether, folder, recording};
use anyhow::{anyhow, ensure};
use bellwether_sim::board::{Board, OTHERS, every};
use bellwether_sim::detect::{Entry, REGISTRY};
use bellwether_sim::recording::Recording;
use bellwether_sim::recording::recorder::Recorder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::{self, ScopedJoinHandle};

/// A machine of SMD, of 38 variables, and the number of its rows to compare.
const MACHINE: &str = "smd/machine-1-6.test.csv.gz";
const MACHINE_ROWS: usize = 3000;
/// The board without the memory for a sentinel of the default preset over so many variables (32 KB).
const SMALLEST: &str = "qemu-microbit";

/// The boards that the detectors of the app `named` are compared on: with floating point in hardware, and
/// without.
const NAMED: [&str; 2] = ["qemu-mps2-an386", "qemu-lm3s6965"];

/// The detectors that the boards with few programs are compared on.
const FEW: [&str; 2] = ["sentinel", "autoencoder"];

/// The boards' answers to a recording, and to one of a pump for detectors that need a model. Those that fit
/// themselves to a preset are compared over a machine with many variables too, with the largest one.
pub fn run(trace: &Path) -> anyhow::Result<()> {
    let (program, folder) = (bellwether()?, folder("device")?);
    let model = root().join("core/examples/pump.bwm");
    let pump = folder.join("pump.csv");
    fs::write(&pump, pump_rows())?;
    let machine = machine(&folder)?;
    let compare = |board: Board| {
        let named = NAMED.contains(&board.name);
        let few = OTHERS.contains(&board);
        let has_app = |entry: &&Entry| {
            let here = !few || FEW.contains(&entry.name);
            here && entry.app.is_some_and(|app| named || app != "named")
        };
        let mut differing = Vec::new();
        for entry in REGISTRY.iter().filter(has_app) {
            let run = Run {
                program: &program,
                folder: &folder,
                board: &board,
                entry,
                trace: if entry.needs_model { &pump } else { trace },
                model: entry.needs_model.then_some(&model),
                preset: "small",
            };
            let many = machine.as_ref().filter(|_| board.name != SMALLEST && !few);
            let many = many.filter(|_| entry.has("preset")).map(|machine| Run {
                trace: machine,
                preset: "default",
                ..run
            });
            for run in [Some(run), many].into_iter().flatten() {
                if let Err(error) = run.compare() {
                    println!("{}: {error:#}", run.name());
                    differing.push(run.name());
                }
            }
        }
        differing
    };
    // Programs of a name have one file per target, whatever board they are built for: these follow each other.
    let mut targets = BTreeMap::<_, Vec<Board>>::new();
    for board in every() {
        targets.entry(board.target).or_default().push(board);
    }
    let targets = Mutex::new(targets.into_values());
    let next = || targets.lock().ok()?.next();
    let worker = || {
        let boards = iter::from_fn(next).flatten();
        boards.flat_map(compare).collect::<Vec<_>>()
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let differing = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().map(ScopedJoinHandle::join);
        ended.collect::<Result<Vec<_>, _>>()
    });
    let differing = differing
        .map_err(|_| anyhow!("a comparison panicked"))?
        .concat();
    ensure!(
        differing.is_empty(),
        "not the host's answers: {}",
        differing.join(", ")
    );
    Ok(())
}

/// A detector on a board and here.
#[derive(Clone, Copy)]
struct Run<'a> {
    program: &'a Path,
    folder: &'a Path,
    board: &'a Board,
    entry: &'a Entry,
    trace: &'a Path,
    model: Option<&'a PathBuf>,
    /// Of a quartet.
    preset: &'a str,
}

impl Run<'_> {
    fn name(&self) -> String {
        let (board, detector) = (self.board.name, self.entry.name);
        let trace = self.trace.file_stem().unwrap_or_default();
        format!("{board}.{detector}.{}", trace.display())
    }

    /// Both as verdicts and as points: every variable of every frame.
    fn compare(&self) -> anyhow::Result<()> {
        let settings = self.board.settings(self.entry, self.preset).into_iter();
        let set = settings.flat_map(|setting| ["--set".into(), setting.into()]);
        let here: Vec<OsString> = ["run".into()].into_iter().chain(set).collect();
        let there = ["device", "run", "--board", self.board.name];
        let preset = ["--preset", self.preset].map(OsString::from);
        let there = there
            .map(OsString::from)
            .into_iter()
            .chain(preset)
            .collect::<Vec<_>>();
        let capture = self.folder.join(format!("{}.bin", self.name()));
        let there = [there, vec!["--capture".into(), (&capture).into()]].concat();
        let (here, there) = (self.answers("host", &here)?, self.answers("board", &there)?);
        for (here, there) in here.iter().zip(&there) {
            let compared = Step::new(self.program).arg("compare").args([here, there]);
            compared.run()?;
        }
        self.listen(&capture, &fs::read_to_string(&there[0])?)
    }

    /// The board's bytes say by themselves what `device run` printed, but for what only the recording tells: times,
    /// numbers of rows, and the inputs that a model lacks.
    fn listen(&self, capture: &Path, printed: &str) -> anyhow::Result<()> {
        let names = Recording::open(self.trace)?.names().join(",");
        let mut step = Step::new(self.program)
            .arg("listen")
            .arg(capture)
            .args(["--all", "--format", "jsonl"]);
        step = match self.model {
            Some(model) => step.arg("--model").arg(model),
            None => step.args(["--names", names.as_str()]),
        };
        let listened = step.output()?;
        let same = printed
            .lines()
            .map(of_device)
            .eq(listened.lines().map(of_device));
        ensure!(same, "listen does not print what device run prints");
        Ok(())
    }

    fn answers(&self, side: &str, command: &[OsString]) -> anyhow::Result<[PathBuf; 2]> {
        let name = format!("{}.{side}", self.name());
        let file = |kind: &str| self.folder.join(format!("{name}.{kind}"));
        let (verdicts, points) = (file("verdicts.jsonl"), file("csv"));
        let mut step = Step::new(self.program)
            .args(command)
            .args(["--all", "--format", "jsonl"])
            .args(["--detector", self.entry.name]);
        if let Some(model) = self.model {
            step = step.arg("--model").arg(model);
        }
        let said = step.arg("--points").args([points.as_path(), self.trace]);
        fs::write(&verdicts, said.output()?)?;
        Ok([verdicts, points])
    }
}

/// A line without what only the recording tells.
fn of_device(line: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_str(line).ok()?;
    let fields = value.as_object_mut()?;
    for key in ["tick", "timestamp", "missing"] {
        fields.remove(key);
    }
    Some(value)
}

/// The first rows of [`MACHINE`], all labelled 0; `None` without data.
fn machine(folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    let Some(whole) = recording(MACHINE)? else {
        return Ok(None);
    };
    let mut rows = Recording::open(&whole)?;
    let path = folder.join("machine.csv");
    let mut copy = Recorder::new(File::create(&path)?, rows.names())?;
    for _ in 0..MACHINE_ROWS {
        let Some(row) = rows.next_row()? else { break };
        copy.write(row.timestamp, row.readings.iter().copied(), false)?;
    }
    copy.finish()?;
    Ok(Some(path))
}

/// Rows of the variables of `pump.bwm`: a wave, a fault of ten rows, missing values, a gap in time.
fn pump_rows() -> String {
    let mut rows = String::from("time,power,motor\n");
    for row in 0..400_u32 {
        let time = 60 * (row + if row < 250 { 0 } else { 30 });
        let fault = if (120..130).contains(&row) { 2.5 } else { 0.0 };
        let motor = 40.0 + f64::from(row % 9) / 8.0 + fault;
        let power = 90.0 + f64::from(row % 7) / 4.0;
        let _ = match row {
            60..63 => writeln!(rows, "{time},{power},"),
            70 => writeln!(rows, "{time},,"),
            _ => writeln!(rows, "{time},{power},{motor}"),
        };
    }
    rows
}
