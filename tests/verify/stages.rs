//! The stages, in order of execution.

use crate::elf::panic_symbols;
use crate::lanes::Lane;
use crate::shell::{Step, root};
use anyhow::{Context as _, Error, ensure};
use bellwether_sim::board::firmware::{Firmware, executables};
use bellwether_sim::board::{ALL, BOARDS, Board, M55, emulator, every};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Instant;

/// A named check.
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// A description of its checks, in a line.
    pub about: &'static str,
    /// The lane it runs in when all do.
    pub lane: Lane,
    /// Its function.
    pub run: fn(&mut Context) -> anyhow::Result<Outcome>,
}

/// The end of a stage that did not fail.
pub enum Outcome {
    /// Everything was checked.
    Done,
    /// Something could not be checked, with the reason.
    Skipped(String),
}

/// The state shared by stages.
pub struct Context {
    /// Whether to accept measured figures as the new expectation.
    pub bless: bool,
    firmware: Option<Firmware>,
}

impl Context {
    /// A fresh start; `bless` accepts measured figures.
    pub fn new(bless: bool) -> Self {
        Self {
            bless,
            firmware: None,
        }
    }

    /// The boards' workspace; its toolchain is set up on first use.
    pub fn firmware(&mut self) -> anyhow::Result<Firmware> {
        if let Some(firmware) = &self.firmware {
            return Ok(firmware.clone());
        }
        println!("$ firmware-examples/setup.sh");
        let firmware = Firmware::within(root().join("firmware-examples"))?;
        self.firmware = Some(firmware.clone());
        Ok(firmware)
    }
}

const fn stage(
    lane: Lane,
    name: &'static str,
    about: &'static str,
    run: fn(&mut Context) -> anyhow::Result<Outcome>,
) -> Stage {
    Stage {
        name,
        about,
        lane,
        run,
    }
}

/// All stages.
pub const STAGES: &[Stage] = &[
    stage(Lane::First, "setup", "toolchain for the boards", setup),
    stage(
        Lane::Host,
        "fmt",
        "source is formatted, all workspaces",
        fmt,
    ),
    stage(
        Lane::Host,
        "lint",
        "clippy, warnings are errors, both workspaces",
        lint,
    ),
    stage(
        Lane::Host,
        "doc",
        "documentation builds, warnings are errors",
        doc,
    ),
    stage(
        Lane::Host,
        "host",
        "tests on this machine, all features",
        host,
    ),
    stage(
        Lane::Host,
        "oracle",
        "imported networks against onnxruntime, LiteRT and Keras",
        crate::oracle::run,
    ),
    stage(
        Lane::Host,
        "fuzz",
        "every reader of bytes from outside, against a fuzzer",
        crate::fuzz::run,
    ),
    stage(
        Lane::Host,
        "features",
        "each feature alone, on a bare-metal target",
        features,
    ),
    stage(
        Lane::Boards,
        "no-panic",
        "no panic path in the library on Cortex-M",
        no_panic,
    ),
    stage(
        Lane::Boards,
        "qemu",
        "every board gives the host's bits: functions, and every detector over a recording",
        qemu,
    ),
    stage(
        Lane::Boards,
        "log",
        "what the probe `log` says through defmt, against tests/expect/log.txt",
        log,
    ),
    stage(
        Lane::Boards,
        "apps",
        "the apps say the lines of tests/expect/apps.txt on every board",
        crate::apps::run,
    ),
    stage(
        Lane::Boards,
        "c",
        "a program in C gives the bits of `bellwether run`, here and on Cortex-M",
        crate::c::run,
    ),
    stage(
        Lane::Boards,
        "bmc",
        "faults of emulated sensors on a management controller: verdict, row and explanation",
        crate::bmc::run,
    ),
    stage(
        Lane::Boards,
        "ad01",
        "networks on Cortex-M give the host's bits, at the cost of tests/expect/ad01.txt",
        crate::network::run,
    ),
    stage(
        Lane::Boards,
        "aarch64",
        "the kernel for AArch64 gives the sums of the equations, in QEMU",
        crate::aarch64::run,
    ),
    stage(
        Lane::Boards,
        "agent",
        "the node agent says the same on x86-64, ARMv7 and AArch64; bytes of its programs",
        crate::agent::run,
    ),
    stage(
        Lane::Boards,
        "agent-bmc",
        "the node agent on an emulated controller with Debian's kernel: a fault's verdict and delay",
        crate::agent_bmc::run,
    ),
    stage(
        Lane::Boards,
        "sizes",
        "bytes of every firmware against tests/expect/sizes.txt",
        crate::committed::sizes,
    ),
    stage(
        Lane::Boards,
        "desks",
        "projects for boards on desks build; their bytes against tests/expect/desks.txt",
        crate::desks::run,
    ),
    stage(
        Lane::Boards,
        "cost",
        "instructions, stack and flash against tests/expect/costs.txt",
        crate::committed::costs,
    ),
    stage(
        Lane::Boards,
        "stack",
        "the deepest stack of the sentinel, from its machine code, against the painted one",
        crate::stack::run,
    ),
    stage(
        Lane::Last,
        "demo",
        "the demo runs in 10 s and writes its report",
        demo,
    ),
    stage(
        Lane::Host,
        "msrv",
        "the libraries compile with the compiler of rust-version",
        crate::msrv::run,
    ),
    stage(
        Lane::Host,
        "api",
        "public items of the libraries against docs/api/",
        crate::api::run,
    ),
    stage(
        Lane::Boards,
        "targets",
        "the library builds for WebAssembly, a 32-bit PC, RISC-V and Cortex-M33",
        crate::targets::run,
    ),
    stage(
        Lane::Boards,
        "portable",
        "the program passes the compiler for macOS and Windows; nothing is linked or run",
        crate::portable::run,
    ),
    stage(
        Lane::Host,
        "package",
        "the published crates pack for crates.io and build from what was packed",
        crate::package::run,
    ),
];

fn setup(context: &mut Context) -> anyhow::Result<Outcome> {
    let compiler = context.firmware()?.compiler()?;
    println!("{compiler}");
    Ok(Outcome::Done)
}

fn fmt(_: &mut Context) -> anyhow::Result<Outcome> {
    // All are checked, even if the first one fails.
    let workspaces = ["", "firmware-examples", "firmware-examples/desks"];
    let checked = workspaces.map(|folder| {
        let check = Step::cargo("fmt --all -- --check -l");
        check.within(root().join(folder)).run()
    });
    checked.into_iter().collect::<Result<(), _>>()?;
    Ok(Outcome::Done)
}

fn lint(context: &mut Context) -> anyhow::Result<Outcome> {
    Step::cargo("clippy --quiet --workspace --all-targets --all-features -- -D warnings").run()?;
    let firmware = context.firmware()?;
    for board in every() {
        let what = format!("--package {} --target {}", board.name, board.target);
        Step::of(firmware.command("cargo"))
            .args("clippy --quiet --release --bins".split(' '))
            .args(what.split(' '))
            .args(["--", "-D", "warnings"])
            .run()?;
    }
    // The library as those boards see it, which have a kernel of their own.
    Step::of(firmware.command("cargo"))
        .args("clippy --quiet --package bellwether --all-features".split(' '))
        .args(["--target", BOARDS[0].target, "--target-dir"])
        .arg(root().join("target/bare-metal"))
        .args(["--", "-D", "warnings"])
        .within(root())
        .run()?;
    // Any files do where nothing is run.
    let (board, any) = (BOARDS[0], root().join("firmware-examples/boards/build.rs"));
    let what = format!("--package {} --target {}", board.name, board.target);
    Step::of(firmware.command("cargo"))
        .env("BELLWETHER_MODEL", &any)
        .env("BELLWETHER_VECTORS", &any)
        .args("clippy --quiet --release --bin network --features network".split(' '))
        .args(what.split(' '))
        .args(["--", "-D", "warnings"])
        .run()?;
    Ok(Outcome::Done)
}

fn doc(_: &mut Context) -> anyhow::Result<Outcome> {
    Step::cargo("doc --quiet --workspace --no-deps --all-features")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(Outcome::Done)
}

fn host(_: &mut Context) -> anyhow::Result<Outcome> {
    Step::cargo("test --quiet --workspace --all-features").run()?;
    Ok(Outcome::Done)
}

/// Features are read from the manifests, so that none is forgotten. Those that need an
/// operating system, directly or through another feature, are checked for the host.
fn features(context: &mut Context) -> anyhow::Result<Outcome> {
    let firmware = context.firmware()?;
    let metadata = Step::cargo("metadata --no-deps --format-version 1").output()?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    for name in ["bellwether", "bellwether-hal"] {
        let package = packages.iter().find(|p| p["name"] == name).context(name)?;
        let table: BTreeMap<String, Vec<String>> =
            serde_json::from_value(package["features"].clone())?;
        let mut alone = vec![String::new()];
        alone.extend(
            table
                .keys()
                .filter(|feature| *feature != "default")
                .cloned(),
        );
        for feature in alone {
            let check = format!(
                "check --quiet --package {name} --no-default-features --features={feature}"
            );
            if needs_std(&feature, &table) {
                Step::cargo(&check).run()?;
            } else {
                let folder = root().join("target/bare-metal");
                let target = BOARDS[0].target;
                Step::of(firmware.command("cargo"))
                    .args(check.split_whitespace())
                    .args(["--target", target, "--target-dir"])
                    .arg(folder)
                    .within(root())
                    .run()?;
            }
        }
    }
    Ok(Outcome::Done)
}

/// Whether a feature is `std` or turns on one of that name.
fn needs_std(feature: &str, table: &BTreeMap<String, Vec<String>>) -> bool {
    let name = feature.rsplit(['/', '?']).next().unwrap_or(feature);
    let parts = table.get(feature).into_iter().flatten();
    name == "std"
        || parts
            .filter(|part| *part != feature)
            .any(|part| needs_std(part, table))
}

/// The probes `no-panic`, `no-panic-detectors` and `no-panic-sentinel` link the whole library. On one board the
/// check must also find the panic of a feature made for that purpose; otherwise it would prove nothing.
fn no_panic(context: &mut Context) -> anyhow::Result<Outcome> {
    const PROBES: [&str; 3] = ["no-panic", "no-panic-detectors", "no-panic-sentinel"];
    let firmware = context.firmware()?;
    let symbols = |board: &Board, more: &[&str]| {
        let mut what = PROBES.map(|probe| ["--bin", probe]).concat();
        what.extend(more);
        let programs = firmware.build(board, &what)?;
        let found = programs
            .iter()
            .map(|(name, path)| Ok((name.clone(), panic_symbols(path)?)));
        let found = found.collect::<anyhow::Result<BTreeMap<_, _>>>()?;
        ensure!(found.keys().eq(&PROBES), "cargo named {:?}", found.keys());
        Ok(found)
    };
    for board in ALL.iter().chain([&M55]) {
        for (name, found) in symbols(board, &[])? {
            let found = found.join(", ");
            ensure!(
                found.is_empty(),
                "{} {name}: panic paths: {found}",
                board.name
            );
            println!("{} {name}: none", board.name);
        }
    }
    for (name, found) in symbols(&BOARDS[0], &["--features", "panic-on-purpose"])? {
        ensure!(
            !found.is_empty(),
            "{name}: the panic put in on purpose was not found"
        );
        println!(
            "{name}: the one put in on purpose is found ({} symbols)",
            found.len()
        );
    }
    Ok(Outcome::Done)
}

/// A recording, or `None` if there is no data and none is required.
pub fn recording(name: &str) -> anyhow::Result<Option<PathBuf>> {
    let folder = std::env::var_os("BELLWETHER_DATA")
        .map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Ok(Some(path));
    }
    ensure!(
        !required(),
        "{} is absent, and data is required",
        path.display()
    );
    Ok(None)
}

/// Whether missing data is a failure, not a skipped check.
pub fn required() -> bool {
    std::env::var_os("BELLWETHER_REQUIRE_DATA").is_some()
        || std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// The host's program, built.
pub fn bellwether() -> anyhow::Result<PathBuf> {
    let build = "build --quiet --release --package bellwether-sim --bin bellwether \
                 --message-format=json-render-diagnostics";
    let programs = executables(&Step::cargo(build).output()?);
    let found = programs.into_iter().find(|(name, _)| name == "bellwether");
    Ok(found.context("cargo named no program")?.1)
}

/// Folder for the output of stages.
pub fn folder(name: &str) -> anyhow::Result<PathBuf> {
    let path = root().join("target/verify").join(name);
    fs::create_dir_all(&path)?;
    Ok(path)
}

fn qemu(context: &mut Context) -> anyhow::Result<Outcome> {
    let firmware = context.firmware()?;
    let host = signature_here();
    for board in every() {
        let program = firmware.program(&board, "bits", &[])?;
        let said = Step::of(emulator::command(&board, &program)).output()?;
        // The largest training comes last, and is left out where its memory is not there.
        let wanted = host.lines().count() - usize::from(board.target == "thumbv6m-none-eabi");
        ensure!(
            said.lines().eq(host.lines().take(wanted)),
            "{}: not the host's bits:\n{said}the host's:\n{host}",
            board.name
        );
        println!("{wanted} digests of functions and trainings as on the host");
    }
    let Some(trace) = recording("ferrybox/ferrybox.csv")? else {
        return Ok(Outcome::Skipped("no data".into()));
    };
    crate::device::run(&trace)?;
    Ok(Outcome::Done)
}

/// The output of the probe `bits`, computed here.
fn signature_here() -> String {
    let mut lines = String::new();
    let mut say = |functions: &str, name: &str, bits: u32| {
        lines += &format!("{functions}.{name}={bits:08x}\n");
    };
    bellwether::testing::signature(&mut say);
    bellwether::testing::signature_of_sequences(&mut say);
    lines
}

fn log(context: &mut Context) -> anyhow::Result<Outcome> {
    let board = Board::named("qemu-mps2-an386").map_err(Error::msg)?;
    let firmware = context.firmware()?;
    let program = firmware.program(&board, "log", &["--features", "defmt"])?;
    let said = Step::of(emulator::command(&board, &program)).bytes()?;
    let lines = crate::log::decode(&program, &said)?;
    crate::expected::check("log", &lines, context.bless)?;
    Ok(Outcome::Done)
}

/// Time limit of the demo, in seconds.
const DEMO_SECONDS: u64 = 10;

fn demo(_: &mut Context) -> anyhow::Result<Outcome> {
    let program = bellwether()?;
    let folder = folder("demo")?;
    let _ = fs::remove_dir_all(&folder);
    let start = Instant::now();
    let said = Step::new(program)
        .args(["demo", "--output"])
        .arg(&folder)
        .output()?;
    let seconds = start.elapsed().as_secs();
    println!("{}", said.lines().last().unwrap_or_default());
    ensure!(
        seconds < DEMO_SECONDS,
        "the demo took {seconds} s, at most {DEMO_SECONDS} s is promised"
    );
    let pages = fs::read_dir(&folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    let page = pages
        .into_iter()
        .find(|path| path.extension().is_some_and(|e| e == "html"));
    let page = page.context("the demo wrote no HTML report")?;
    ensure!(
        File::open(&page)?.metadata()?.len() > 10_000,
        "{} is nearly empty",
        page.display()
    );
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_that_reach_std_are_built_for_the_host() {
        let table = [
            ("std", ""),
            ("linux", "std"),
            ("hwmon", "linux"),
            ("i2c", "dep:lm75"),
            ("io", "embedded-io/std"),
        ];
        let table: BTreeMap<String, Vec<String>> = table
            .map(|(name, part)| (name.to_owned(), vec![part.to_owned()]))
            .into();
        for (feature, std) in [
            ("std", true),
            ("linux", true),
            ("hwmon", true),
            ("i2c", false),
            ("io", true),
        ] {
            assert_eq!(needs_std(feature, &table), std, "{feature}");
        }
        assert!(!needs_std("", &table));
    }

    /// Broken if the names of stages collide or shadow an option.
    #[test]
    fn every_stage_can_be_named() {
        for (k, stage) in STAGES.iter().enumerate() {
            assert!(!stage.name.starts_with('-'));
            assert!(STAGES[..k].iter().all(|other| other.name != stage.name));
        }
    }
}
