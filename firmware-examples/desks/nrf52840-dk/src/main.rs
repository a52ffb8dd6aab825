//! Shows: the default detector beside asynchronous sensors. One frame a second, reports over the serial port of
//! the debug probe, and what was learned in flash, once an hour.
//! Run: `cargo run --release` in this folder, with the board on USB.
//! Expected: README.md. `cargo verify desks` builds it; it was never run on a board here.
#![no_std]
#![no_main]

use bellwether::report::RECORD_MAX;
use bellwether::{Alert, Cause, Reading};
use bellwether_desk::{Guard, Node, VARIABLES, state};
use bellwether_hal::driver::awaited::Awaited;
use bellwether_hal::driver::tmp117::TEMPERATURE;
use bellwether_hal::{AsyncChannels, AsyncChecked, AsyncSensors, Measurand, Ring};
use core::cell::RefCell;
use embassy_executor::Spawner;
use embassy_nrf::gpio::{Level, Output, OutputDrive};
use embassy_nrf::nvmc::Nvmc;
use embassy_nrf::peripherals::{TWISPI0, UARTE0};
use embassy_nrf::{bind_interrupts, saadc, temp, twim, uarte};
use embassy_sync::blocking_mutex::Mutex;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use embassy_time::{Delay, Duration, Ticker, with_timeout};
use panic_halt as _;
use static_cell::ConstStaticCell;
use tmp117::asynchronous::Tmp117;

bind_interrupts!(struct Irqs {
    SAADC => saadc::InterruptHandler;
    TEMP => temp::InterruptHandler;
    TWISPI0 => twim::InterruptHandler<TWISPI0>;
    UARTE0 => uarte::InterruptHandler<UARTE0>;
});

/// Snapshots lie in flash behind the program: see memory.x.
const SNAPSHOTS: u32 = 960 * 1024;
const LENGTH: usize = 64 * 1024;
/// Time that a sensor on the bus has for an answer.
const PATIENCE: Duration = Duration::from_millis(50);

static STATE: ConstStaticCell<Guard> = ConstStaticCell::new(state());
static BUS: ConstStaticCell<[u8; 16]> = ConstStaticCell::new([0; 16]);
type Records = Mutex<CriticalSectionRawMutex, RefCell<Ring<1024>>>;
static RECORDS: Records = Mutex::new(RefCell::new(Ring::new()));
static NEWS: Signal<CriticalSectionRawMutex, ()> = Signal::new();

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_nrf::init(Default::default());
    let mut led = Output::new(p.P0_13, Level::High, OutputDrive::Standard); // lit when low
    let flash = Nvmc::new(p.NVMC);
    let serial = uarte::UarteTx::new(p.UARTE0, Irqs, p.P0_06, uarte::Config::default());
    if let Ok(task) = report(serial) {
        spawner.spawn(task);
    }

    // Sensors: the chip's own temperature, its supply, and a TMP117 on the pins P0.26 and P0.27.
    let mut diode = temp::Temp::new(p.TEMP, Irqs);
    let die = async move || Ok::<f32, ()>(diode.read().await.to_num());
    let channel = saadc::ChannelConfig::single_ended(saadc::VddInput);
    let mut adc = saadc::Saadc::new(p.SAADC, Irqs, saadc::Config::default(), [channel]);
    let supply = async move || {
        let mut raw = [0; 1];
        adc.sample(&mut raw).await;
        Ok::<f32, ()>(f32::from(raw[0]))
    };
    let bus = twim::Config::default();
    let bus = twim::Twim::new(p.TWISPI0, Irqs, p.P0_26, p.P0_27, bus, BUS.take());
    let mut part = Awaited(Tmp117::new(bus, 0x48, Delay));
    let inlet = async move || match with_timeout(PATIENCE, part.measure()).await {
        Ok(measured) => measured.map_err(drop),
        Err(_) => Err(()),
    };
    // 12 bits, a gain of 1/6, a reference of 0.6 V.
    let volts = Measurand::new("V", 1.7..=3.6).scaled(3.6 / 4096.0, 0.0);
    let mut sensors = AsyncChannels::new((
        AsyncChecked::with(die, [Measurand::new("°C", -40.0..=105.0)]),
        AsyncChecked::with(supply, [volts]),
        AsyncChecked::with(inlet, [TEMPERATURE]),
    ));

    let Ok(mut node) = Node::start(STATE.take(), flash, SNAPSHOTS, LENGTH) else {
        unreachable!("settings are constants: see bellwether-desk")
    };
    let _ = RECORDS.lock(|ring| node.greet(&mut *ring.borrow_mut()));

    let mut second = Ticker::every(Duration::from_secs(1));
    loop {
        let mut readings = [Reading::Absent(Cause::Missing); VARIABLES];
        let _ = sensors.next_frame(&mut readings).await;
        let alert = RECORDS.lock(|ring| node.observe(readings, &mut *ring.borrow_mut()));
        NEWS.signal(());
        led.set_level(Level::from(alert == Alert::None));
        node.keep();
        second.next().await;
    }
}

/// Sends records as they come. A slow line delays no frame: the ring drops the oldest records, and counts them.
#[embassy_executor::task]
async fn report(mut serial: uarte::UarteTx<'static>) {
    loop {
        NEWS.wait().await;
        let mut record = [0; RECORD_MAX];
        while let Some(length) = RECORDS.lock(|ring| {
            ring.borrow_mut().pop(|bytes| {
                record[..bytes.len()].copy_from_slice(bytes);
                bytes.len()
            })
        }) {
            // A line that fails loses this record only.
            let _ = serial.write(&record[..length]).await;
        }
    }
}
