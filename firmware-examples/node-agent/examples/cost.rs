//! The cost of reading: processor time, context switches and waits at one reading a second, over a tree of hwmon
//! chips of ten sensors each in memory, or of links to real files of the kernel's sysfs.
//!
//! Run: `cargo run --release --package bellwether-agent --example cost -- 1000 30 [sysfs]`

use anyhow::{Context as _, ensure};
use bellwether::{Cause, Reading};
use bellwether_agent::readers::Readers;
use bellwether_agent::sources;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Sensors of a chip.
const CHIP: usize = 10;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let sensors: usize = arguments.next().map_or(Ok(1000), |text| text.parse())?;
    let seconds: u32 = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let sysfs = arguments.next().is_some_and(|text| text == "sysfs");
    let tree = tempfile::tempdir_in("/dev/shm")?;
    plant(tree.path(), sensors, sysfs)?;
    let mut settings = sources::Settings::default();
    settings.hwmon.root = Some(tree.path().to_owned());
    for other in [
        &mut settings.thermal,
        &mut settings.powercap,
        &mut settings.edac,
    ] {
        other.enabled = Some(false);
    }
    settings.proc.enabled = Some(false);
    let mut readers = Readers::start(sources::open(&settings)?, Duration::from_millis(500))?;
    let mut into = vec![Reading::Absent(Cause::Missing); readers.channels().len()];
    ensure!(into.len() == sensors, "{} channels", into.len());
    // The first two readings open files.
    readers.read(Duration::ZERO, &mut into);
    readers.read(Duration::from_secs(1), &mut into);

    let (time, switches) = (processor_time()?, switches()?);
    let mut waits = Vec::new();
    let mut absent = 0;
    for _ in 0..seconds {
        thread::sleep(Duration::from_secs(1));
        let start = Instant::now();
        readers.read(Duration::from_secs(1), &mut into);
        waits.push(start.elapsed().as_secs_f64() * 1e3);
        absent += into
            .iter()
            .filter(|reading| reading.usable().is_err())
            .count();
    }
    let per_reading = f64::from(seconds);
    let time = (processor_time()? - time) * 1e3 / per_reading;
    let switches = (self::switches()? - switches) / per_reading;
    waits.sort_by(f64::total_cmp);
    let median = waits.get(waits.len() / 2).copied().unwrap_or_default();
    let longest = waits.last().copied().unwrap_or_default();
    println!(
        "{sensors} sensors{}, {seconds} readings: {time:.3} ms of processor time ({:.3} % of a core), {switches:.1} \
         context switches, wait {median:.3} ms (longest {longest:.3} ms), {absent} absent, {} KiB resident",
        if sysfs { " of sysfs" } else { "" },
        time / 10.0,
        resident()?,
    );
    Ok(())
}

fn plant(root: &Path, sensors: usize, sysfs: bool) -> anyhow::Result<()> {
    let real = if sysfs { numbers()? } else { Vec::new() };
    let mut real = real.iter().cycle();
    for sensor in 0..sensors {
        let chip = root.join(format!("hwmon{}", sensor / CHIP));
        if sensor % CHIP == 0 {
            fs::create_dir(&chip)?;
            fs::write(chip.join("name"), format!("chip{}\n", sensor / CHIP))?;
        }
        let file = chip.join(format!("temp{}_input", sensor % CHIP + 1));
        match real.next() {
            Some(number) => symlink(number, file)?,
            None => fs::write(file, "41250\n")?,
        }
    }
    Ok(())
}

/// Files of sysfs with a number in them: the counters of the network interfaces.
fn numbers() -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for interface in fs::read_dir("/sys/class/net")? {
        for file in fs::read_dir(interface?.path().join("statistics"))? {
            files.push(file?.path());
        }
    }
    ensure!(!files.is_empty(), "no network interface");
    Ok(files)
}

/// Numbers of all threads of this process from a file of each.
fn of_threads(file: &str, number: impl Fn(&str) -> Option<f64>) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for thread in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(thread?.path().join(file))?;
        sum += number(&text).with_context(|| format!("{file}: {text}"))?;
    }
    Ok(sum)
}

/// Seconds that all threads ran.
fn processor_time() -> anyhow::Result<f64> {
    let ns = |text: &str| text.split_whitespace().next()?.parse::<f64>().ok();
    Ok(of_threads("schedstat", ns)? * 1e-9)
}

fn switches() -> anyhow::Result<f64> {
    of_threads("status", |text| {
        let lines = text
            .lines()
            .filter_map(|line| line.split_once("ctxt_switches:"));
        lines
            .map(|(_, number)| number.trim().parse::<f64>().ok())
            .sum()
    })
}

/// KiB in memory.
fn resident() -> anyhow::Result<u64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("VmRSS")?.parse()?)
}
