#![no_std]
//! Aspeed AST1030, a management controller: Cortex-M4F at 200 MHz, 768 KiB of static memory, half of which
//! holds the program.
//!
//! The board's own parts, each over its registers: serial ports, I2C buses, an EEPROM on one of them, and the
//! period of rows. The boot loader has set clocks, pins and baud rates.

pub mod eeprom;
pub mod i2c;
pub mod kept;
pub mod period;
pub mod register;
pub mod uart;

pub use cortex_m_rt::entry;
pub use eeprom::Eeprom;
pub use i2c::Master;
pub use kept::Kept;
pub use period::Period;
pub use uart::Uart;

/// Variables that the app `sentinel` has room for.
pub const VARIABLES: usize = 9;

/// Resets the system: the end of a program that cannot go on. The state is in the EEPROM.
pub fn restart() -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}
