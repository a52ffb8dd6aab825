//! Shows: the default detector in a plain loop. One frame a second from three sensors, reports over the serial
//! port, and what was learned in flash, once an hour.
//! Run: `cargo run --release` in this folder, with a debug probe.
//! Expected: README.md. `cargo verify desks` builds it; it was never run on a board here.
#![no_std]
#![no_main]

use bellwether::Alert;
use bellwether_desk::{Guard, Node, state};
use bellwether_hal::{Checked, Ring, Writer, driver::lm75::RANGE_C};
use cortex_m_rt::entry;
use embassy_rp::flash::{Blocking, Flash};
use embassy_rp::gpio::{Level, Output, Pull};
use embassy_rp::{adc, i2c, uart};
use embassy_time::{Duration, Instant, block_for};
use lm75::Lm75;
use panic_halt as _;
use static_cell::ConstStaticCell;

const FLASH: usize = 2 * 1024 * 1024;
/// Bytes of flash behind the program, for snapshots: see memory.x.
const SNAPSHOTS: usize = 64 * 1024;

static STATE: ConstStaticCell<Guard> = ConstStaticCell::new(state());

#[entry]
fn main() -> ! {
    let p = embassy_rp::init(Default::default());
    let mut led = Output::new(p.PIN_25, Level::Low);
    let flash = Flash::<_, Blocking, FLASH>::new_blocking(p.FLASH);
    let serial = uart::UartTx::new_blocking(p.UART0, p.PIN_0, uart::Config::default());
    let mut out = Writer::new(serial);

    // Sensors: the chip's own temperature, a voltage on pin 26, and an LM75 on pins 4 and 5.
    let adc = core::cell::RefCell::new(adc::Adc::new_blocking(p.ADC, adc::Config::default()));
    let mut diode = adc::Channel::new_temp_sensor(p.ADC_TEMP_SENSOR);
    let mut pin = adc::Channel::new_pin(p.PIN_26, Pull::None);
    let volts = |channel: &mut adc::Channel| {
        let raw = adc.borrow_mut().blocking_read(channel)?;
        Ok::<f32, adc::Error>(f32::from(raw) * (3.3 / 4096.0))
    };
    let mut die = Checked::new(
        || Ok::<f32, adc::Error>(celsius(volts(&mut diode)?)),
        -20.0..=85.0,
    );
    let mut supply = Checked::new(|| volts(&mut pin), 0.0..=3.3);
    let bus = i2c::I2c::new_blocking(p.I2C0, p.PIN_5, p.PIN_4, i2c::Config::default());
    let mut inlet = Checked::new(Lm75::new(bus, 0x48), RANGE_C);

    let start = (FLASH - SNAPSHOTS) as u32;
    let Ok(mut node) = Node::start(STATE.take(), flash, start, SNAPSHOTS) else {
        unreachable!("settings are constants: see bellwether-desk")
    };
    let mut ring = Ring::<1024>::new();
    let _ = node.greet(&mut ring);

    let mut next = Instant::now();
    loop {
        let alert = node.observe([die.read(), supply.read(), inlet.read()], &mut ring);
        led.set_level(Level::from(alert > Alert::None));
        let _ = ring.drain_into(&mut out);
        node.keep();
        next += Duration::from_secs(1);
        block_for(next.saturating_duration_since(Instant::now()));
    }
}

/// The chip's temperature in °C from the voltage of its diode (RP2040 data sheet, section 4.9.5).
fn celsius(volts: f32) -> f32 {
    27.0 - (volts - 0.706) / 0.001_721
}
