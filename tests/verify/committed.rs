//! Stages `sizes` and `cost`: measured figures against committed ones.

use crate::shell::root;
use crate::stages::{Context, Outcome, folder};
use anyhow::{Context as _, bail, ensure};
use bellwether::math::{Libm, Math as _, Micromath, Pade};
use bellwether_conformance::documentation;
use bellwether_sim::board::{BOARDS, every};
use bellwether_sim::commands::cost::with_summary;
use bellwether_sim::cost::{self, Figures, Size, close};
use bellwether_sim::text::number::count;
use std::collections::BTreeMap;
use std::fs;

/// Largest difference in thousandths. A program's build folder is part of the names of its
/// functions, and so influences their order.
const TOLERANCE: u64 = 5;
/// The same if the compiler is not that of the expectations.
const OTHER_COMPILER: u64 = 20;

/// The accepted difference, in thousandths.
fn tolerance(same_compiler: bool) -> u64 {
    if same_compiler {
        return TOLERANCE;
    }
    println!("expectations are of another compiler: {OTHER_COMPILER} thousandths are accepted");
    OTHER_COMPILER
}

/// Stage `sizes`.
pub fn sizes(context: &mut Context) -> anyhow::Result<Outcome> {
    let firmware = context.firmware()?;
    let compiler = firmware.compiler()?;
    let mut found = BTreeMap::new();
    for board in every() {
        for (program, path) in firmware.build(&board, &["--bins"])? {
            found.insert(format!("{} {program}", board.name), Size::of(&path)?);
        }
    }
    compare_sizes("sizes", &found, &compiler, context.bless)
}

/// Compares the sizes that a stage found with its expectation, `tests/expect/STAGE.txt`, or writes them as the
/// expectation.
///
/// # Errors
/// Sizes differ by more than a compiler and a folder explain.
pub fn compare_sizes(
    stage: &str,
    found: &BTreeMap<String, Size>,
    compiler: &str,
    bless: bool,
) -> anyhow::Result<Outcome> {
    let name = format!("tests/expect/{stage}.txt");
    let file = root().join(&name);
    if bless {
        let mut text =
            format!("# Bytes of every firmware: `cargo verify {stage} --bless`\n# {compiler}\n");
        for (name, size) in found {
            text += &format!("{name} {size}\n");
        }
        fs::create_dir_all(root().join("tests/expect"))?;
        fs::write(&file, text)?;
        println!("wrote {name}");
        return Ok(Outcome::Done);
    }
    let text = fs::read_to_string(&file).context(name.clone())?;
    let same_compiler = text.lines().any(|line| line == format!("# {compiler}"));
    let tolerance = tolerance(same_compiler);
    let mut wrong = 0;
    let mut expected = expectations(&text).context(name.clone())?;
    for (program, size) in found {
        match expected.remove(program) {
            Some(want) if *size == want => {}
            Some(want) => {
                let fits = close(size.flash, want.flash, tolerance)
                    && close(size.ram, want.ram, tolerance);
                println!(
                    "{program}: {size}, expected {want}{}",
                    if fits { " (accepted)" } else { "" }
                );
                wrong += usize::from(!fits);
            }
            None => {
                println!("{program}: {size}, not in {name}");
                wrong += 1;
            }
        }
    }
    for (program, want) in &expected {
        println!("{program}: not built, expected {want}");
        wrong += 1;
    }
    if wrong > 0 {
        bail!("{wrong} sizes differ; `cargo verify {stage} --bless` accepts them");
    }
    Ok(Outcome::Done)
}

/// Lines `board program flash=N ram=N`.
fn expectations(text: &str) -> anyhow::Result<BTreeMap<String, Size>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let [board, program, flash, ram] = words[..] else {
            return None;
        };
        let flash = flash.strip_prefix("flash=")?.parse().ok()?;
        let ram = ram.strip_prefix("ram=")?.parse().ok()?;
        Some((format!("{board} {program}"), Size { flash, ram }))
    });
    parsed
        .map(|line| line.context("a line of another form"))
        .collect()
}

const COSTS: &str = "tests/expect/costs.txt";

/// Stage `cost`. Also checks that COSTS.md, the table of the README and the documentation of the
/// functions and of the presets state the committed figures.
pub fn costs(context: &mut Context) -> anyhow::Result<Outcome> {
    let firmware = context.firmware()?;
    let committed = Figures::parse(&fs::read_to_string(root().join(COSTS)).context(COSTS)?)?;
    for (name, made) in [
        ("COSTS.md", cost::document(&committed)),
        (
            "README.md",
            with_summary(&fs::read_to_string(root().join("README.md"))?, &committed)?,
        ),
    ] {
        let found = fs::read_to_string(root().join(name))?;
        ensure!(
            found == made,
            "{name} is not made from {COSTS}: bellwether cost --update"
        );
    }
    let math = fs::read_to_string(root().join("core/src/math.rs"))?;
    for implementer in [Libm::NAME, Pade::NAME, Micromath::NAME] {
        let said = format!("/// {}", cost::functions_of(&committed, implementer));
        ensure!(
            math.contains(&said),
            "core/src/math.rs does not say: {said}"
        );
    }
    let presets = fs::read_to_string(root().join("core/src/ensemble/rola.rs"))?;
    for board in BOARDS {
        let bytes = committed.numbers.get(&format!("{}.fast.state", board.name));
        let bytes = count(*bytes.with_context(|| format!("{COSTS}: {}", board.name))?);
        let said = documentation(&presets, &format!("pub type {} ", board.preset));
        ensure!(
            said.contains(&bytes),
            "core/src/ensemble/rola.rs: {} is {bytes} bytes on {}, not: {said}",
            board.preset,
            board.name
        );
    }
    let say = |what: &str| println!("measuring {what}");
    let found = cost::measure(&firmware, &BOARDS, &folder("cost")?, say)?;
    as_committed(&found, &committed, "bellwether cost --update")?;
    println!("{} figures as committed", found.numbers.len());
    Ok(Outcome::Done)
}

/// Compares measured figures with committed ones; `accept` is the command that accepts them.
pub fn as_committed(found: &Figures, committed: &Figures, accept: &str) -> anyhow::Result<()> {
    let same_compiler = found.facts.get("compiler") == committed.facts.get("compiler");
    let differences = found.differences(committed, tolerance(same_compiler));
    ensure!(
        differences.is_empty(),
        "{}\n`{accept}` accepts them",
        differences.join("\n")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_back_as_written() {
        let size = Size {
            flash: 20_000,
            ram: 105_552,
        };
        let read = expectations(&format!("# a remark\nboard program {size}\n")).unwrap();
        assert_eq!(read.get("board program"), Some(&size));
        assert!(expectations("board program flash=1").is_err());
    }
}
