//! Serial ports: a 16550 with its registers four bytes apart.

use crate::register::Registers;
use embedded_io::{ErrorKind, ErrorType, Write};

/// Transmit holding register.
const THR: usize = 0x00;
/// Line status, and its bit of an empty holding register.
const LSR: usize = 0x14;
const EMPTY: u32 = 0x20;
/// Polls before a port is given up: 10 ms at least.
const POLLS: u32 = 200_000;

/// A serial port, with the settings of the boot loader. Polled: it takes the time of its bytes.
#[derive(Debug)]
pub struct Uart(Registers);

impl Uart {
    /// UART1.
    ///
    /// # Safety
    /// Nothing else uses it.
    pub const unsafe fn one() -> Self {
        // SAFETY: the registers of UART1.
        Self(unsafe { Registers::at(0x7E78_3000) })
    }

    /// UART5, the console of the board.
    ///
    /// # Safety
    /// Nothing else uses it.
    pub const unsafe fn five() -> Self {
        // SAFETY: the registers of UART5.
        Self(unsafe { Registers::at(0x7E78_4000) })
    }

    fn is_empty(&self) -> bool {
        self.0.read(LSR) & EMPTY != 0
    }
}

impl ErrorType for Uart {
    type Error = ErrorKind;
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        for byte in bytes {
            self.flush()?;
            self.0.write(THR, (*byte).into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        let empty = (0..POLLS).any(|_| self.is_empty());
        empty.then_some(()).ok_or(ErrorKind::TimedOut)
    }
}
