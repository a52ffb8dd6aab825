//! Debian's kernel for ARMv7 and its static BusyBox: fetched with apt into a folder of their own. The packages of
//! this machine stay as they are.

use crate::shell::Step;
use anyhow::{Context as _, ensure};
use std::fs;
use std::path::{Path, PathBuf};

const ARCHITECTURE: &str = "armhf";
/// The package that always depends on the newest kernel.
const NEWEST: &str = "linux-image-armmp";
const BUSYBOX: &str = "busybox-static";
const MODULES: [&str; 2] = ["i2c-aspeed.ko", "lm75.ko"];
const TREE: &str = "aspeed-ast2600-evb.dtb";
/// The file that says that the rest is complete.
const COMPLETE: &str = "complete";

/// The files of a system.
pub struct System {
    /// The kernel.
    pub kernel: PathBuf,
    /// The board's device tree.
    pub tree: PathBuf,
    /// Drivers, in the order to load them, with their names.
    pub modules: Vec<(String, Vec<u8>)>,
    /// BusyBox.
    pub busybox: Vec<u8>,
}

/// The system below a folder, fetched on first use.
///
/// # Errors
/// apt cannot fetch it, or a file is not in the packages.
pub fn system(folder: &Path) -> anyhow::Result<System> {
    let files = folder.join("files");
    if !folder.join(COMPLETE).exists() {
        fetch(folder, &files)?;
    }
    let read = |name: &str| {
        let path = find(&files, &|found| found == name)?;
        fs::read(&path).with_context(|| path.display().to_string())
    };
    let modules = MODULES.map(|name| Ok((name.to_owned(), read(name)?)));
    Ok(System {
        kernel: find(&files, &|found| found.starts_with("vmlinuz-"))?,
        tree: find(&files, &|found| found == TREE)?,
        modules: modules.into_iter().collect::<anyhow::Result<_>>()?,
        busybox: read("busybox")?,
    })
}

fn fetch(folder: &Path, files: &Path) -> anyhow::Result<()> {
    let _ = fs::remove_dir_all(folder);
    for part in ["state/lists/partial", "cache/archives/partial", "files"] {
        fs::create_dir_all(folder.join(part))?;
    }
    fs::write(folder.join("status"), "")?;
    let place = |key: &str, part: &str| format!("{key} \"{}\";\n", folder.join(part).display());
    let options = place("Dir::State", "state")
        + &place("Dir::State::status", "status")
        + &place("Dir::Cache", "cache")
        + &format!("APT::Architecture \"{ARCHITECTURE}\";\n")
        + &format!("APT::Architectures {{ \"{ARCHITECTURE}\"; }};\n")
        + "APT::Sandbox::User \"root\";\n";
    let config = folder.join("apt.conf");
    fs::write(&config, options)?;
    let apt = |program: &str| Step::new(program).env("APT_CONFIG", &config).within(folder);
    // One list of several may be missing for a while; what follows needs only the main one.
    if let Err(error) = apt("apt-get").args(["update", "-qq"]).output() {
        println!("{error:#}");
    }
    let depends = apt("apt-cache").args(["depends", NEWEST]).output()?;
    let kernel = depends.lines().find_map(|line| {
        let package = line.trim().strip_prefix("Depends: ")?;
        package.starts_with("linux-image-").then_some(package)
    });
    let kernel = kernel.with_context(|| format!("{NEWEST} depends on no kernel:\n{depends}"))?;
    let download = apt("apt-get").args(["download", "-qq", kernel, BUSYBOX]);
    download.output()?;
    let mut unpacked = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            let unpack = Step::new("dpkg-deb").arg("-x").arg(&path).arg(files);
            unpack.output()?;
            fs::remove_file(&path)?;
            unpacked += 1;
        }
    }
    ensure!(unpacked == 2, "apt-get download left {unpacked} packages");
    fs::write(folder.join(COMPLETE), kernel)?;
    Ok(())
}

/// The first file below a folder with a name that suits.
fn find(folder: &Path, suits: &dyn Fn(&str) -> bool) -> anyhow::Result<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if suits(&entry.file_name().to_string_lossy()) {
                return Ok(entry.path());
            }
        }
    }
    anyhow::bail!(
        "a file is not in Debian's packages; without {} they are fetched anew",
        folder.display()
    )
}
