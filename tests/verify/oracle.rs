//! Stage `oracle`: importers against the frameworks of the files.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, folder, recording, required};
use anyhow::{Context as _, ensure};
use bellwether_conformance::oracle;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const REQUIREMENTS: &str = "tests/oracle/requirements.txt";

/// Random networks of each framework, and MLPerf Tiny ad01, computed there and here.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    if !has_python() {
        ensure!(
            !required(),
            "no Python 3 with venv and pip, and it is required"
        );
        return Ok(Outcome::Skipped("no Python".into()));
    }
    let here = folder("oracle")?;
    let python = environment(&here)?;
    let networks = here.join("networks");
    let _ = fs::remove_dir_all(&networks);
    let exporter = root().join("host-sim/python");
    Step::new(&python)
        .args(["-m", "unittest", "discover", "--quiet", "--start-directory"])
        .arg(exporter.join("tests"))
        .env("PYTHONPATH", exporter.join("src"))
        .run()?;
    let integers = networks.join("integers");
    let generate = |script: &str, folder: &Path| -> anyhow::Result<()> {
        let mut step = Step::new(&python)
            .arg(Path::new("tests/oracle").join(script))
            .arg(folder)
            .env("PYTHONPATH", exporter.join("src"));
        if let Some(network) = recording("ad01/ad01_fp32.tflite")? {
            let data = network.parent().context("a file lies in a folder")?;
            step = step.arg("--ad01").arg(data);
        }
        step.output()?;
        Ok(())
    };
    generate("generate.py", &networks)?;
    generate("integer_nets.py", &integers)?;
    let (mut count, mut wrong) = (0, 0);
    let mut say = |network: &Path, compared: anyhow::Result<String>| {
        let name = network.file_name().unwrap_or_default().display();
        count += 1;
        wrong += usize::from(compared.is_err());
        match compared {
            Ok(found) => println!("{name}: {found}"),
            Err(error) => println!("{name}: {error:#}"),
        }
    };
    for network in oracle::networks(&networks)? {
        let compared = oracle::compare(&network).map(|distance| {
            format!(
                "{} vectors, largest difference {:.1e} of the largest output",
                distance.vectors, distance.largest
            )
        });
        say(&network, compared);
    }
    for network in oracle::networks(&integers)? {
        let compared = oracle::compare_integers(&network);
        say(
            &network,
            compared.map(|vectors| format!("{vectors} vectors, the same bits")),
        );
    }
    ensure!(wrong == 0, "{wrong} of {count} networks differ");
    Ok(Outcome::Done)
}

fn has_python() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import ensurepip, venv"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// A virtual environment with the packages of [`REQUIREMENTS`], recreated when that changes.
fn environment(within: &Path) -> anyhow::Result<PathBuf> {
    let wanted = fs::read_to_string(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let (venv, stamp) = (within.join("venv"), within.join("installed.txt"));
    let python = venv.join("bin/python");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) && python.exists() {
        return Ok(python);
    }
    Step::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&venv)
        .run()?;
    Step::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(REQUIREMENTS)
        .run()?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}
