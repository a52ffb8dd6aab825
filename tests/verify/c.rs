//! Stage `c`: a program in C99 on this machine and on a Cortex-M4F in QEMU gives the bits of `bellwether run`.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, bellwether, folder, recording, required};
use anyhow::{Context as _, ensure};
use bellwether_sim::board::{Board, emulator};
use serde_json::Value;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

const STRICT: [&str; 5] = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
const CORTEX_M4F: [&str; 4] = [
    "-mcpu=cortex-m4",
    "-mthumb",
    "-mfloat-abi=hard",
    "-mfpu=fpv4-sp-d16",
];
const VARIABLES: &str = "9";
/// The symbol that a panic would call; a bare-metal archive has its name only if a function can reach it.
const PANIC: &[u8] = b"bellwether_archive_has_a_panic_path";

/// Both programs over the recording.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    let Some(trace) = recording("ferrybox/ferrybox.csv")? else {
        return Ok(Outcome::Skipped("no data".into()));
    };
    let (program, folder) = (bellwether()?, folder("c")?);
    let wanted = verdicts(&program, &trace)?;
    let replay = root().join("hal-adapters/c/examples/replay.c");

    let host = export(&program, &folder, "host", &[])?;
    let here = host.join("replay");
    let mut libraries = vec![host.join("lib/libbellwether_c.a").into_os_string()];
    libraries.extend(["-lpthread", "-ldl", "-lm"].map(Into::into));
    let compiled = Step::new("gcc")
        .args(STRICT)
        .arg("-I")
        .arg(host.join("include"));
    let compiled = compiled.arg(&replay).args(libraries).arg("-o").arg(&here);
    compiled.run()?;
    let state = compare("host", &wanted, &replayed(Step::new(&here), &trace)?)?;
    configure(&host)?;

    if let Err(error) = Step::new("arm-none-eabi-gcc").arg("--version").output() {
        ensure!(!required(), "{error:#}");
        return Ok(Outcome::Skipped("no arm-none-eabi-gcc".into()));
    }
    let layouts = ["--layout", "zephyr,arduino"];
    let device = export(&program, &folder, "cortex-m4f", &layouts)?;
    let archive = fs::read(device.join("lib/libbellwether_c.a"))?;
    ensure!(
        !archive.windows(PANIC.len()).any(|bytes| bytes == PANIC),
        "a function of the archive has a panic path"
    );
    let elf = link(&device, &replay)?;
    let board = Board::named("qemu-mps2-an386").map_err(anyhow::Error::msg)?;
    let there = replayed(Step::of(emulator::command(&board, &elf)), &trace)?;
    let same = compare("Cortex-M4F", &wanted, &there)?;
    ensure!(state == same, "another state: {state} here, {same} there");
    Ok(Outcome::Done)
}

/// Exports a library and its project.
fn export(program: &Path, folder: &Path, target: &str, more: &[&str]) -> anyhow::Result<PathBuf> {
    let output = folder.join(target);
    let export = Step::new(program).args(["export", "c", "--target", target]);
    let export = export.args(["--variables", VARIABLES]).args(more);
    export.arg("-o").arg(&output).run()?;
    Ok(output)
}

/// Builds the exported example and the program with CMake, where there is one, and runs the example.
fn configure(project: &Path) -> anyhow::Result<()> {
    if let Err(error) = Step::new("cmake").arg("--version").output() {
        ensure!(!required(), "{error:#}");
        println!("skipped: no cmake");
        return Ok(());
    }
    let examples = root().join("hal-adapters/c/examples");
    let mut around = OsString::from("-DBELLWETHER=");
    around.push(project);
    let (build, other) = (project.join("build"), project.join("build-replay"));
    for (source, build, more) in [
        (project, &build, None),
        (examples.as_path(), &other, Some(around)),
    ] {
        let configure = Step::new("cmake")
            .arg("-S")
            .arg(source)
            .arg("-B")
            .arg(build);
        configure.args(more).output()?;
        Step::new("cmake").arg("--build").arg(build).output()?;
    }
    let said = Step::new(build.join("example")).output()?;
    ensure!(
        said.contains("frame 1400: ") && said.contains("start"),
        "the example said:\n{said}"
    );
    Ok(())
}

/// Links the program for the board, with newlib and semihosting.
fn link(device: &Path, replay: &Path) -> anyhow::Result<PathBuf> {
    let object = |name: &str| {
        let named = Step::new("arm-none-eabi-gcc").args(CORTEX_M4F);
        let path = named.arg(format!("--print-file-name={name}")).output()?;
        Ok::<_, anyhow::Error>(path.trim().to_owned())
    };
    let sources = root().join("hal-adapters/c/qemu");
    let elf = device.join("replay.elf");
    Step::new("arm-none-eabi-gcc")
        .args(CORTEX_M4F)
        .args(STRICT)
        .args(["-Os", "-ffunction-sections", "-Wl,--gc-sections"])
        .args(["-nostartfiles", "--specs=rdimon.specs", "-I"])
        .arg(device.join("include"))
        .arg("-T")
        .arg(sources.join("mps2-an386.ld"))
        .arg(sources.join("start.c"))
        .arg(replay)
        .args([object("rdimon-crt0.o")?, object("crti.o")?])
        .arg(device.join("lib/libbellwether_c.a"))
        .arg(object("crtn.o")?)
        .arg("-o")
        .arg(&elf)
        .run()?;
    Ok(elf)
}

/// Runs a program with the recording as its standard input.
fn replayed(program: Step, trace: &Path) -> anyhow::Result<String> {
    let input = File::open(trace).with_context(|| trace.display().to_string())?;
    program.input(Stdio::from(input)).output()
}

/// The lines of `bellwether run`, in the form of the program in C.
fn verdicts(program: &Path, trace: &Path) -> anyhow::Result<String> {
    let settings = ["fit=device", "preset=small", "learn=1000"];
    let run = Step::new(program).args(["run", "--detector", "sentinel", "--all"]);
    let run = run.args(settings.iter().flat_map(|setting| ["--set", setting]));
    let said = run.args(["--format", "jsonl"]).arg(trace).output()?;
    let names = fs::read_to_string(trace)?;
    let names: Vec<&str> = names
        .lines()
        .next()
        .unwrap_or_default()
        .split(',')
        .collect();
    let mut lines = String::new();
    for line in said.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = |value: &Value, none: &str| value.as_str().unwrap_or(none).to_owned();
        let bits = |value: &Value| value.as_f64().map_or(0x7fc0_0000, |x| (x as f32).to_bits());
        let largest = row["largest"][0]["variable"].as_str();
        // The first column is the time.
        let variable = largest.and_then(|name| names.iter().position(|known| *known == name));
        writeln!(
            lines,
            "{},{},{:08x},{:08x},{},{},{},{}",
            row["tick"],
            text(&row["state"], ""),
            bits(&row["score"]),
            bits(&row["threshold"]),
            text(&row["alarm"]["phase"], "quiet"),
            text(&row["alarm"]["grade"], "none"),
            text(&row["finding"]["kind"], "none"),
            variable.map_or(-1, |place| place as i64 - 1)
        )?;
    }
    Ok(lines)
}

/// Compares the rows, and returns the line about the state.
fn compare(name: &str, wanted: &str, found: &str) -> anyhow::Result<String> {
    let mut lines = found.lines().skip(1);
    for wanted in wanted.lines() {
        let line = lines.next().unwrap_or("nothing");
        ensure!(line == wanted, "{name}: {line}, `bellwether run`: {wanted}");
    }
    let state = lines.next().context("no line about the state")?;
    println!(
        "{name}: {} rows with the bits of `bellwether run`; {state}",
        wanted.lines().count()
    );
    Ok(state.to_owned())
}
