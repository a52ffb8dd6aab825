//! A fake machine: a tree of sensors as the kernel's hwmon shows it, whose values follow a common load.
//!
//! ```text
//! cargo run --release -p bellwether-agent --example machine -- FOLDER VARIABLES [SECONDS]
//! ```
//!
//! The tree is made below FOLDER, in memory as `/dev/shm/machine`, with chips of 20 sensors, and each sensor is
//! written once a second for SECONDS (600). The agent reads it with `[sources.hwmon] root = "FOLDER"`.

use anyhow::Context as _;
use std::fs;
use std::os::unix::fs::{FileExt as _, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

const SENSORS: usize = 20;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("FOLDER VARIABLES [SECONDS]")?;
    let variables: usize = arguments
        .next()
        .context("FOLDER VARIABLES [SECONDS]")?
        .parse()?;
    let seconds: u64 = arguments.next().map_or(Ok(600), |text| text.parse())?;
    let root = Path::new(&folder);
    let mut files = Vec::new();
    for chip in 0..variables.div_ceil(SENSORS) {
        let path = root.join(format!("hwmon{chip}"));
        fs::create_dir_all(&path)?;
        fs::write(path.join("name"), "fake\n")?;
        let device = path.join("device");
        let _ = fs::remove_file(&device);
        symlink(
            format!("../../devices/0000:{:02x}:{:02x}.0", chip / 32, chip % 32),
            &device,
        )?;
        for sensor in 0..SENSORS.min(variables - chip * SENSORS) {
            let file = path.join(format!("temp{}_input", sensor + 1));
            let options = fs::File::options()
                .write(true)
                .create(true)
                .truncate(false)
                .open(file)?;
            files.push(options);
        }
    }
    let begin = Instant::now();
    let mut random = 1_u64;
    for second in 0..=seconds {
        let load = (second as f64 / 300.0).sin() + 0.3 * (second as f64 / 23.0).sin();
        for (number, file) in files.iter().enumerate() {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let noise = (random >> 40) as f64 / f64::from(1 << 24) - 0.5;
            let gain = 1.0 + (number % SENSORS) as f64 / 10.0;
            let value =
                40_000.0 + 200.0 * (number % 100) as f64 + 2000.0 * gain * load + 1000.0 * noise;
            // Always as many bytes: a reader sees the old or the new value.
            file.write_all_at(
                format!("{:05}\n", value.clamp(10_000.0, 99_999.0) as u32).as_bytes(),
                0,
            )?;
        }
        let next = begin + Duration::from_secs(second + 1);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(())
}
