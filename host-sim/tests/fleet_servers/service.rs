//! A server that a test starts, and ends by its process.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Patience with servers on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A process that ends with its owner.
pub struct Service(pub Child);

impl Service {
    /// Starts a program that stays in front; what it says goes to a file in the folder.
    pub fn start(program: &str, arguments: &[&str], log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file);
        Self(command.spawn().unwrap_or_else(|e| panic!("{program}: {e}")))
    }

    /// Ends the process at once.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether all programs are there. Where services are required, one that is missing is an error.
pub fn has(programs: &[&str]) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = |name: &&&str| {
        let mut folders: Vec<_> = std::env::split_paths(&paths).collect();
        folders.push("/usr/sbin".into());
        folders.iter().any(|folder| folder.join(name).is_file())
    };
    let Some(missing) = programs.iter().find(|name| !found(name)) else {
        return true;
    };
    let required = std::env::var("CI").is_ok_and(|of| of == "true")
        || std::env::var_os("BELLWETHER_REQUIRE_SERVICES").is_some();
    assert!(
        !required,
        "{missing} is not installed, and services are required"
    );
    println!("skipped: no {missing}");
    false
}

/// Free ports of the loopback.
pub fn ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}

/// Waits until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
