//! Building the boards' programs, in the workspace `firmware-examples`.

use crate::board::{Board, every};
use anyhow::{Context, bail};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The firmware workspace, and a toolchain for it.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// The repository.
    root: PathBuf,
    /// The workspace.
    folder: PathBuf,
    /// The toolchain's name for rustup; empty without rustup.
    toolchain: String,
    /// Cargo's profile.
    profile: &'static str,
    /// Environment variables of builds.
    environment: Vec<(&'static str, OsString)>,
}

impl Firmware {
    /// Looks for the workspace in the current folder and those above it.
    ///
    /// # Errors
    /// It is not there, or its toolchain cannot be set up.
    pub fn find() -> anyhow::Result<Self> {
        let here = std::env::current_dir()?;
        let found = here
            .ancestors()
            .map(|folder| folder.join("firmware-examples"))
            .find(|folder| folder.join("setup.sh").exists());
        let folder = found.context(
            "no folder `firmware-examples` here or above: firmware is built from the repository",
        )?;
        Self::within(folder)
    }

    /// Sets up the toolchain of a workspace for all boards.
    ///
    /// # Errors
    /// [`toolchain`] fails.
    pub fn within(folder: PathBuf) -> anyhow::Result<Self> {
        let targets: BTreeSet<_> = every().map(|board| board.target).collect();
        let targets: Vec<_> = targets.into_iter().collect();
        Ok(Self {
            toolchain: toolchain(&folder, &targets)?,
            root: folder.parent().unwrap_or(&folder).to_owned(),
            folder,
            profile: "release",
            environment: Vec::new(),
        })
    }

    /// A program of this toolchain, run in the workspace.
    pub fn command(&self, program: &str) -> Command {
        let mut command = of_toolchain(program, &self.toolchain);
        command.current_dir(&self.folder);
        command
    }

    /// The repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The same for the workspace of boards on desks.
    #[must_use]
    pub fn desks(mut self) -> Self {
        self.folder.push("desks");
        self
    }

    /// The same with another of cargo's profiles.
    pub fn profile(self, profile: &'static str) -> Self {
        Self { profile, ..self }
    }

    /// The same with a variable of the environment of builds: a file, or a number.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((key, value.into()));
        self
    }

    /// Version of the compiler.
    ///
    /// # Errors
    /// It does not start.
    pub fn compiler(&self) -> anyhow::Result<String> {
        let mut command = self.command("rustc");
        command.arg("--version");
        Ok(output(command)?.trim().to_owned())
    }

    /// Builds programs of a board and returns their ELF files by name. `what` selects them, as
    /// arguments of cargo.
    ///
    /// # Errors
    /// The build failed.
    pub fn build(&self, board: &Board, what: &[&str]) -> anyhow::Result<Vec<(String, PathBuf)>> {
        eprintln!(
            "building {} {} ({})",
            board.name,
            what.join(" "),
            self.profile
        );
        let mut command = self.command("cargo");
        command
            .env("CARGO_ENCODED_RUSTFLAGS", remapped(self.root()))
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .args(["build", "--quiet", "--profile", self.profile])
            .arg("--message-format=json-render-diagnostics")
            .args(["--package", board.name, "--target", board.target])
            .args((!board.default_features).then_some("--no-default-features"))
            .args(what);
        Ok(executables(&output(command)?))
    }

    /// Builds one program of a board.
    ///
    /// # Errors
    /// The build failed.
    pub fn program(&self, board: &Board, name: &str, what: &[&str]) -> anyhow::Result<PathBuf> {
        let mut selected = vec!["--bin", name];
        selected.extend(what);
        let found = self.build(board, &selected)?;
        let found = found.into_iter().find(|(program, _)| program == name);
        Ok(found
            .with_context(|| format!("cargo named no program {name}"))?
            .1)
    }
}

/// The executables named by `cargo build --message-format=json-render-diagnostics`, with the name
/// of their target.
pub fn executables(messages: &str) -> Vec<(String, PathBuf)> {
    let parsed = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let named = parsed.filter_map(|message| {
        let path = message.get("executable")?.as_str()?;
        let name = message.get("target")?.get("name")?.as_str()?;
        Some((name.to_owned(), PathBuf::from(path)))
    });
    named.collect()
}

/// Flags that keep paths of this machine out of programs, so that they are the same bytes
/// wherever they are built.
pub(crate) fn remapped(root: &Path) -> String {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            let home = std::env::var_os("HOME")?;
            Some(Path::new(&home).join(".cargo"))
        });
    let places = [(Some(root.to_owned()), "bellwether"), (home, "cargo")];
    let flags = places.into_iter().filter_map(|(place, name)| {
        let place = place?;
        Some(format!("--remap-path-prefix={}={name}", place.display()))
    });
    // Separated as cargo wants it where paths may have spaces.
    flags.collect::<Vec<_>>().join("\u{1f}")
}

/// Cargo of a toolchain.
pub(crate) fn cargo(toolchain: &str) -> Command {
    of_toolchain("cargo", toolchain)
}

/// A program of a toolchain, empty for the system's own.
fn of_toolchain(program: &str, toolchain: &str) -> Command {
    let mut command = clean(Command::new(program));
    if !toolchain.is_empty() {
        command.env("RUSTUP_TOOLCHAIN", toolchain);
    }
    command
}

/// Removes the variables of a running cargo and those meant for the host's programs.
fn clean(mut command: Command) -> Command {
    const OURS: [&str; 10] = [
        "RUSTUP_TOOLCHAIN",
        "CARGO",
        "RUSTC",
        "RUSTDOC",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR",
        "DEFMT_LOG",
        "LD_LIBRARY_PATH",
    ];
    for key in OURS {
        command.env_remove(key);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs the script `setup.sh` of a folder, which installs the tools of targets. Its last line names
/// the toolchain. Empty: the system's own.
///
/// # Errors
/// The script failed.
pub fn toolchain(folder: &Path, targets: &[&str]) -> anyhow::Result<String> {
    let mut command = clean(Command::new("bash"));
    command.arg(folder.join("setup.sh")).args(targets);
    let said = output(command)?;
    let last = said.lines().last().unwrap_or_default();
    let toolchain = last.strip_prefix("TOOLCHAIN=");
    let toolchain =
        toolchain.with_context(|| format!("setup.sh ended with {last:?}, not TOOLCHAIN=..."))?;
    Ok(toolchain.to_owned())
}

/// Runs a command to its end and returns its standard output; the rest goes to standard error.
pub(crate) fn output(mut command: Command) -> anyhow::Result<String> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| name.clone())?;
    if !output.status.success() {
        bail!("{name}: {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
