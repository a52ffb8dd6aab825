//! Every detector on every board over a recording: the verdicts and points of `bellwether run`.

use crate::shell::{Step, root};
use crate::stages::{bellwether, folder};
use anyhow::ensure;
use bellwether_sim::board::{ALL, Board};
use bellwether_sim::detect::{Entry, REGISTRY};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The boards' answers to a recording, and to one of a pump for detectors that need a model.
pub fn run(trace: &Path) -> anyhow::Result<()> {
    let (program, folder) = (bellwether()?, folder("device")?);
    let model = root().join("core/examples/pump.bwm");
    let pump = folder.join("pump.csv");
    fs::write(&pump, pump_rows())?;
    let mut differing = Vec::new();
    for board in &ALL {
        for entry in REGISTRY.iter().filter(|entry| entry.app.is_some()) {
            let run = Run {
                program: &program,
                folder: &folder,
                board,
                entry,
                trace: if entry.needs_model { &pump } else { trace },
                model: entry.needs_model.then_some(&model),
            };
            if let Err(error) = run.compare() {
                println!("{}, {}: {error:#}", board.name, entry.name);
                differing.push(format!("{} with {}", board.name, entry.name));
            }
        }
    }
    ensure!(
        differing.is_empty(),
        "not the host's answers: {}",
        differing.join(", ")
    );
    Ok(())
}

/// A detector on a board and here.
struct Run<'a> {
    program: &'a Path,
    folder: &'a Path,
    board: &'a Board,
    entry: &'a Entry,
    trace: &'a Path,
    model: Option<&'a PathBuf>,
}

impl Run<'_> {
    /// Both as verdicts and as points: every variable of every frame.
    fn compare(&self) -> anyhow::Result<()> {
        let settings = self.board.settings(self.entry.keys).into_iter();
        let set = settings.flat_map(|setting| ["--set".into(), setting.into()]);
        let here: Vec<OsString> = ["run".into()].into_iter().chain(set).collect();
        let there = ["device", "run", "--board", self.board.name];
        let there: Vec<OsString> = there.map(OsString::from).to_vec();
        let (here, there) = (self.answers("host", &here)?, self.answers("board", &there)?);
        for (here, there) in here.iter().zip(&there) {
            let compared = Step::new(self.program).arg("compare").args([here, there]);
            compared.run()?;
        }
        Ok(())
    }

    fn answers(&self, side: &str, command: &[OsString]) -> anyhow::Result<[PathBuf; 2]> {
        let name = format!("{}.{}.{side}", self.board.name, self.entry.name);
        let file = |kind: &str| self.folder.join(format!("{name}.{kind}"));
        // JSON lines of the sentinel have its alarms and complaints too, which a device does not send.
        let format = match self.entry.name {
            "sentinel" => "csv",
            _ => "jsonl",
        };
        let (verdicts, points) = (file(&format!("verdicts.{format}")), file("csv"));
        let mut step = Step::new(self.program)
            .args(command)
            .args(["--all", "--format", format])
            .args(["--detector", self.entry.name]);
        if let Some(model) = self.model {
            step = step.arg("--model").arg(model);
        }
        let said = step.arg("--points").args([points.as_path(), self.trace]);
        fs::write(&verdicts, said.output()?)?;
        Ok([verdicts, points])
    }
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
