//! Running other programs: each is printed before it starts.

use anyhow::{Context, bail};
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A program to be run from the root of the workspace, without standard input.
pub struct Step(Command);

impl Step {
    /// A program without arguments.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(root());
        Self::of(command)
    }

    /// A command, in its own folder.
    pub fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null());
        // Tests read only this one.
        if std::env::var("CI").is_ok_and(|ci| ci == "true") {
            command.env("BELLWETHER_REQUIRE_DATA", "1");
        }
        Self(command)
    }

    /// `cargo` of the toolchain that runs this program, with arguments.
    pub fn cargo(arguments: &str) -> Self {
        Self::new("cargo").args(arguments.split_whitespace())
    }

    /// Adds arguments.
    pub fn args<T: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Adds one argument.
    pub fn arg(self, argument: impl AsRef<OsStr>) -> Self {
        self.args([argument])
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(key, value);
        self
    }

    /// Redirects standard error into a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn errors_to(mut self, path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        self.0.stderr(file);
        Ok(self)
    }

    /// Gives it standard input.
    pub fn input(mut self, input: Stdio) -> Self {
        self.0.stdin(input);
        self
    }

    /// Changes the folder it runs in.
    pub fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it with its output on the terminal.
    ///
    /// # Errors
    /// It does not start or does not end with 0.
    pub fn run(mut self) -> anyhow::Result<()> {
        self.announce();
        let status = self.0.status().with_context(|| self.name())?;
        if !status.success() {
            bail!("{}: {status}", self.name());
        }
        Ok(())
    }

    /// Runs it and returns its standard output as text; the rest stays on the terminal.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn output(self) -> anyhow::Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes()?).into_owned())
    }

    /// Runs it and returns its standard output; the rest stays on the terminal.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn bytes(mut self) -> anyhow::Result<Vec<u8>> {
        self.announce();
        let output = self
            .0
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| self.name())?;
        if !output.status.success() {
            print!("{}", String::from_utf8_lossy(&output.stdout));
            bail!("{}: {}", self.name(), output.status);
        }
        Ok(output.stdout)
    }

    fn announce(&self) {
        let shown = |word: &OsStr| {
            word.to_string_lossy()
                .replace(&*root().to_string_lossy(), ".")
        };
        let mut line = String::from("$");
        for (key, value) in self.0.get_envs() {
            if let Some(value) = value {
                line += &format!(" {}={:?}", key.to_string_lossy(), value.to_string_lossy());
            }
        }
        for word in std::iter::once(self.0.get_program()).chain(self.0.get_args()) {
            line = line + " " + &shown(word);
        }
        match self
            .0
            .get_current_dir()
            .map(|folder| folder.strip_prefix(root()))
        {
            Some(Ok(folder)) if folder != Path::new("") => {
                println!("{line}  (in {})", folder.display());
            }
            _ => println!("{line}"),
        }
    }

    /// Program and first argument.
    fn name(&self) -> String {
        let program = self.0.get_program().to_string_lossy();
        let first = self
            .0
            .get_args()
            .next()
            .unwrap_or_default()
            .to_string_lossy();
        format!("{program} {first}").trim_end().to_owned()
    }
}
