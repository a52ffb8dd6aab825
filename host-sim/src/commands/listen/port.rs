//! The bytes of a serial port, a file or standard input, until they or the user end.

use anyhow::Context;
use serial2::SerialPort;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A part of the input.
pub enum Event {
    /// The next bytes.
    Bytes(Vec<u8>),
    /// The end, by the input or by Ctrl-C.
    Ended(anyhow::Result<()>),
}

/// Opens the input and reads it on a thread of its own, because a read cannot be interrupted.
pub fn open(path: &Path, baud: u32) -> anyhow::Result<Receiver<Event>> {
    let name = path.display().to_string();
    let input: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else if is_port(path) {
        Box::new(SerialPort::open(path, baud).with_context(|| name.clone())?)
    } else {
        Box::new(File::open(path).with_context(|| name.clone())?)
    };
    let (sender, events) = channel();
    let interrupted = sender.clone();
    ctrlc::set_handler(move || {
        let _ = interrupted.send(Event::Ended(Ok(())));
    })?;
    thread::spawn(move || {
        let ended = read(input, &sender).context(name);
        let _ = sender.send(Event::Ended(ended));
    });
    Ok(events)
}

/// Whether a path is one of a serial port.
fn is_port(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        path.metadata()
            .is_ok_and(|of| of.file_type().is_char_device())
    }
    #[cfg(not(unix))]
    {
        let name = path.to_string_lossy().to_ascii_uppercase();
        name.strip_prefix(r"\\.\")
            .unwrap_or(&name)
            .starts_with("COM")
            && !path.is_file()
    }
}

fn read(mut input: impl Read, events: &Sender<Event>) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let got = match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(got) => got,
            // A port may be silent for as long as it likes.
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                continue;
            }
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..got).unwrap_or_default().to_vec();
        if events.send(Event::Bytes(bytes)).is_err() {
            return Ok(());
        }
    }
}
