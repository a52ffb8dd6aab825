//! I2C masters, polled, a byte at a time, in the older of the two register layouts.

use crate::register::Registers;
use embedded_hal::i2c::{
    Error, ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation, SevenBitAddress,
};

/// Functions, and the bit that enables the master.
const FUNCTION: usize = 0x00;
const MASTER: u32 = 1;
/// Timings: of clocks, and of the time-out, which is off.
const TIMING: [usize; 2] = [0x04, 0x08];
const TIMINGS: [u32; 2] = [0x7777_7355, 0];
/// Events that show in the status. No interrupt is taken: the processor's are off.
const EVENTS: usize = 0x0C;
/// Events, cleared by ones.
const STATUS: usize = 0x10;
const SENT: u32 = 1 << 0;
const REFUSED: u32 = 1 << 1;
const RECEIVED: u32 = 1 << 2;
const LOST: u32 = 1 << 3;
const STOPPED: u32 = 1 << 4;
const ABNORMAL: u32 = 1 << 5;
/// Commands.
const COMMAND: usize = 0x14;
const START: u32 = 1 << 0;
const SEND: u32 = 1 << 1;
const RECEIVE: u32 = 1 << 3;
const LAST: u32 = 1 << 4;
const STOP: u32 = 1 << 5;
/// Byte to send in bits 7 to 0, byte received in bits 15 to 8.
const DATA: usize = 0x20;
/// Polls before a bus is given up: 2 ms at least, ten bytes at 50 kHz.
const POLLS: u32 = 40_000;

/// The failure of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusError {
    /// Nobody acknowledged the address, or a byte.
    Refused(NoAcknowledgeSource),
    /// Another master won.
    Lost,
    /// A start or stop out of place.
    Abnormal,
    /// The bus did nothing for too long.
    TimedOut,
}

impl Error for BusError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(source) => ErrorKind::NoAcknowledge(*source),
            Self::Lost => ErrorKind::ArbitrationLoss,
            Self::Abnormal => ErrorKind::Bus,
            Self::TimedOut => ErrorKind::Other,
        }
    }
}

/// A master. Transactions end before they return, so that sensors share it by reference.
#[derive(Debug)]
pub struct Master(Registers);

impl Master {
    /// The master of a bus, from 0 to 13.
    ///
    /// # Safety
    /// The bus exists, and nothing else uses its master.
    pub unsafe fn of_bus(bus: usize) -> Self {
        // SAFETY: the registers of that master.
        let master = Self(unsafe { Registers::at(0x7E7B_0080 + 0x80 * bus) });
        master.0.write(FUNCTION, 0);
        for (register, value) in TIMING.into_iter().zip(TIMINGS) {
            master.0.write(register, value);
        }
        let events = SENT | REFUSED | RECEIVED | LOST | STOPPED | ABNORMAL;
        master.0.write(EVENTS, events);
        master.0.write(STATUS, !0);
        master.0.write(FUNCTION, MASTER);
        master
    }

    /// Gives a command and waits for one of its events.
    fn command(&self, command: u32, awaited: u32) -> Result<(), BusError> {
        self.0.write(STATUS, !0);
        self.0.write(COMMAND, command);
        let ends = awaited | REFUSED | LOST | ABNORMAL;
        let mut events = (0..POLLS).map(|_| self.0.read(STATUS));
        let Some(event) = events.find(|event| event & ends != 0) else {
            return Err(BusError::TimedOut);
        };
        match event {
            _ if event & REFUSED != 0 => Err(BusError::Refused(NoAcknowledgeSource::Data)),
            _ if event & LOST != 0 => Err(BusError::Lost),
            _ if event & awaited != 0 => Ok(()),
            _ => Err(BusError::Abnormal),
        }
    }

    /// A start, and the address for a direction.
    fn start(&self, address: SevenBitAddress, reads: bool) -> Result<(), BusError> {
        self.0
            .write(DATA, u32::from(address) << 1 | u32::from(reads));
        self.command(START | SEND, SENT)
            .map_err(|error| match error {
                BusError::Refused(_) => BusError::Refused(NoAcknowledgeSource::Address),
                other => other,
            })
    }

    fn send(&self, byte: u8) -> Result<(), BusError> {
        self.0.write(DATA, byte.into());
        self.command(SEND, SENT)
    }

    fn receive(&self, is_last: bool) -> Result<u8, BusError> {
        let last = if is_last { LAST } else { 0 };
        self.command(RECEIVE | last, RECEIVED)?;
        Ok((self.0.read(DATA) >> 8) as u8)
    }

    /// All operations, without the stop.
    fn run(
        &self,
        address: SevenBitAddress,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        let mut read_before = None;
        let mut rest = operations.iter_mut().peekable();
        while let Some(operation) = rest.next() {
            let reads = matches!(operation, Operation::Read(_));
            if read_before.replace(reads) != Some(reads) {
                self.start(address, reads)?;
            }
            match operation {
                Operation::Write(bytes) => bytes.iter().try_for_each(|byte| self.send(*byte))?,
                Operation::Read(bytes) => {
                    let goes_on = matches!(rest.peek(), Some(Operation::Read(_)));
                    let mut places = bytes.iter_mut().peekable();
                    while let Some(place) = places.next() {
                        *place = self.receive(places.peek().is_none() && !goes_on)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl ErrorType for &Master {
    type Error = BusError;
}

impl I2c for &Master {
    fn transaction(
        &mut self,
        address: SevenBitAddress,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        let done = self.run(address, operations);
        // After a refusal the bus may be free already, and the stop out of place.
        let stopped = self.command(STOP, STOPPED);
        done.and(stopped)
    }
}
