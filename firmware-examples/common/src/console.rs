//! Standard input and output of the host as embedded-io, its command line, and the end of a program.

pub use semihosting::println;

use embedded_io::{ErrorKind, ErrorType, Read, Write};
use semihosting::experimental::env::{Args, args};
use semihosting::io::{Read as _, Stdin, Stdout, Write as _};

/// The host's standard input.
pub struct Input(Stdin);
/// The host's standard output.
pub struct Output(Stdout);

/// The host's command line.
pub struct Argument(Args<64>);

impl Argument {
    /// Reads it; ends the program where there is none.
    pub fn read() -> Self {
        args().map_or_else(|_| fail("no command line"), Self)
    }

    /// Its first word; empty without one.
    pub fn first(&self) -> &str {
        let mut words = &self.0;
        words.next().and_then(Result::ok).unwrap_or_default()
    }
}

impl Input {
    /// Opens it; ends the program where there is none.
    pub fn open() -> Self {
        semihosting::io::stdin().map_or_else(|_| fail("no standard input"), Self)
    }
}

impl Output {
    /// Opens it; ends the program where there is none.
    pub fn open() -> Self {
        semihosting::io::stdout().map_or_else(|_| fail("no standard output"), Self)
    }
}

impl ErrorType for Input {
    type Error = ErrorKind;
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(buffer).map_err(|_| ErrorKind::Other)
    }
}

impl ErrorType for Output {
    type Error = ErrorKind;
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.0.write(bytes).map_err(|_| ErrorKind::Other)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// Ends the program with exit code 2 and a reason on standard error.
pub fn fail(reason: &str) -> ! {
    semihosting::eprintln!("RESULT failed: {reason}");
    semihosting::process::exit(2)
}

/// Ends the program with exit code 0.
pub fn finish() -> ! {
    semihosting::eprintln!("RESULT ok");
    semihosting::process::exit(0)
}
