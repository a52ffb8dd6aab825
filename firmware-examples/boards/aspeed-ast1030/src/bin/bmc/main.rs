//! Shows: a management controller from its I2C buses to verdicts. Once a second it reads a temperature sensor
//! and a hot-swap controller. A sentinel fits itself to the first rows and reports over UART5, a trained network
//! over UART1; the sentinel's state outlives a reset.
//! Run: `cargo verify bmc`
//! Expected: the verdicts, rows and explanations that `tests/verify/bmc.rs` demands of injected faults.
#![no_std]
#![no_main]

mod guard;
mod network;

use bellwether::port::FrameSource;
use bellwether::{Cause, Reading, Tick};
use bellwether_hal::driver::lm75::RANGE_C;
use bellwether_hal::driver::pmbus::{Command, Direct, Format, Pmbus};
use bellwether_hal::{Channel, Channels, Checked};
use board::{Eeprom, Kept, Master, Period, Uart, restart};
use core::panic::PanicInfo;
use cortex_m_rt::entry;
use guard::{Guard, State};
use lm75::Lm75;
use network::{Detector, Network};

/// Variables of a row: inlet temperature, supply and output voltage, output current, input power.
const V: usize = 5;
/// Formats of the ADM1272 in the range of 100 V and 30 mV, over a resistor of 0.3 mΩ (0.3 · 663, 0.3 · 10,535).
const VOLTS: Format = Format::Direct(Direct::new(4062, 0, -2).expect("a line"));
const AMPERES: Format = Format::Direct(Direct::new(198, 20_480, -1).expect("a line"));
const WATTS: Format = Format::Direct(Direct::new(3160, 0, -3).expect("a line"));
/// Rows between two saved states: a cell of the EEPROM is written every twenty minutes.
const SAVED_EVERY: u64 = 600;

#[entry]
fn main() -> ! {
    static mut STATE: State = State::new();
    static mut DETECTOR: Detector = Detector::new();
    let core = cortex_m::Peripherals::take().unwrap_or_else(|| restart());
    // SAFETY: this is the only place where they are made.
    let (reports, verdicts) = unsafe { (Uart::five(), Uart::one()) };
    // SAFETY: as above.
    let [hot_swap, thermal, memory] = [0, 1, 2].map(|bus| unsafe { Master::of_bus(bus) });
    let quantity = |command, format| Pmbus::new(&hot_swap, 0x10, command, format);
    let mut inlet = Checked::new(Lm75::new(&thermal, 0x4D), RANGE_C);
    let mut supply = Checked::new(quantity(Command::ReadVin, VOLTS), 0.0..=100.0);
    let mut output = Checked::new(quantity(Command::ReadVout, VOLTS), 0.0..=100.0);
    let mut current = Checked::new(quantity(Command::ReadIout, AMPERES), -1.0..=100.0);
    let mut power = Checked::new(quantity(Command::ReadPin, WATTS), 0.0..=6000.0);
    let channels: [&mut dyn Channel; V] = [
        &mut inlet,
        &mut supply,
        &mut output,
        &mut current,
        &mut power,
    ];

    let mut guard = Guard::new(STATE, reports);
    let mut network = Network::new(DETECTOR, verdicts);
    let mut kept = Kept::new(Eeprom::new(&memory, 0x50));
    let first = guard.restore(&mut kept).unwrap_or(Tick(0));
    let mut sensors = Channels::starting_at(channels, first);
    let mut period = Period::start(core.SYST);
    let mut frame = [Reading::Absent(Cause::Missing); V];
    loop {
        sensors.skip(period.wait().into());
        let Ok(Some(tick)) = sensors.next_frame(&mut frame) else {
            restart()
        };
        guard.watch(tick, &frame);
        if let Some(network) = &mut network {
            network.watch(tick, &frame);
        }
        if tick.0.is_multiple_of(SAVED_EVERY) {
            guard.save(&mut kept);
        }
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    restart()
}
