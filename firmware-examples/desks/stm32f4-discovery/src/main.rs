//! Shows: the default detector as a task of RTIC. One frame a second from three sensors, reports over a serial
//! port in a task of lower priority, and what was learned in flash, once an hour.
//! Run: `cargo run --release` in this folder, with the board on USB.
//! Expected: README.md. `cargo verify desks` builds it; it was never run on a board here.
#![no_std]
#![no_main]
// The macro of RTIC makes items without documentation.
#![allow(missing_docs)]

use panic_halt as _;
use rtic_monotonics::systick::prelude::*;

systick_monotonic!(Mono, 1000);

#[rtic::app(device = stm32f4xx_hal::pac, peripherals = true, dispatchers = [EXTI0, EXTI1])]
mod app {
    use super::Mono;
    use bellwether::{Alert, Reading};
    use bellwether_desk::{Guard, Node, state};
    use bellwether_hal::{Checked, Ring, driver::lm75::RANGE_C};
    use lm75::{Lm75, ic};
    use rtic_monotonics::Timebase;
    use stm32f4xx_hal::adc::config::{AdcConfig, SampleTime};
    use stm32f4xx_hal::adc::{Adc, Temperature, Vref};
    use stm32f4xx_hal::flash::{FlashExt, LockedFlash, UnlockedFlash};
    use stm32f4xx_hal::gpio::{Output, PD14};
    use stm32f4xx_hal::i2c::{I2c, Mode};
    use stm32f4xx_hal::pac::{ADC1, I2C1, USART2};
    use stm32f4xx_hal::prelude::*;
    use stm32f4xx_hal::rcc::Config;
    use stm32f4xx_hal::serial::Tx;
    use stm32f4xx_hal::signature::{VtempCal30, VtempCal110};

    /// Snapshots lie in the last two sectors: see memory.x.
    const SNAPSHOTS: u32 = 768 * 1024;
    const LENGTH: usize = 256 * 1024;
    type Span = <Mono as Timebase>::Duration;

    #[shared]
    struct Shared {
        records: Ring<1024>,
    }

    #[local]
    struct Local {
        node: Node<UnlockedFlash<'static>>,
        adc: Adc<ADC1>,
        inlet: Checked<Lm75<I2c<I2C1>, ic::Lm75>>,
        led: PD14<Output>,
        serial: Tx<USART2>,
    }

    #[init(local = [state: Guard = state(), flash: Option<LockedFlash> = None])]
    fn init(cx: init::Context) -> (Shared, Local) {
        let mut rcc = cx.device.RCC.freeze(Config::hse(8.MHz()).sysclk(84.MHz()));
        Mono::start(cx.core.SYST, 84_000_000);
        let (pins_a, pins_b) = (
            cx.device.GPIOA.split(&mut rcc),
            cx.device.GPIOB.split(&mut rcc),
        );
        let led = cx.device.GPIOD.split(&mut rcc).pd14.into_push_pull_output();
        let bus = (pins_b.pb6, pins_b.pb9);
        let bus = I2c::new(cx.device.I2C1, bus, Mode::standard(100.kHz()), &mut rcc);
        let inlet = Checked::new(Lm75::new(bus, 0x48), RANGE_C);
        let mut adc = Adc::new(cx.device.ADC1, true, AdcConfig::default(), &mut rcc);
        adc.enable_temperature_and_vref();
        let Ok(serial) = cx.device.USART2.tx(pins_a.pa2, 115_200.bps(), &mut rcc) else {
            unreachable!("the clock has a divisor for this rate")
        };
        let flash = cx.local.flash.insert(LockedFlash::new(cx.device.FLASH));
        let started = Node::start(cx.local.state, flash.unlocked(), SNAPSHOTS, LENGTH);
        let Ok(node) = started else {
            unreachable!("settings are constants: see bellwether-desk")
        };
        let mut records = Ring::new();
        let _ = node.greet(&mut records);
        let _ = (sample::spawn(), report::spawn());
        let local = Local {
            node,
            adc,
            inlet,
            led,
            serial,
        };
        (Shared { records }, local)
    }

    /// Judges a frame every second.
    #[task(priority = 2, shared = [records], local = [node, adc, inlet, led])]
    async fn sample(mut cx: sample::Context) {
        let mut next = Mono::now();
        loop {
            let local = &mut cx.local;
            let raw = local.adc.convert(&Temperature, SampleTime::Cycles_480);
            let die = Reading::from(celsius(raw));
            let vref = local.adc.convert(&Vref, SampleTime::Cycles_480);
            let readings = [die, Reading::from(f32::from(vref)), local.inlet.read()];
            let node = &mut local.node;
            let alert = cx
                .shared
                .records
                .lock(|records| node.observe(readings, records));
            local.led.set_state((alert > Alert::None).into());
            local.node.keep();
            next += Span::from_secs(1);
            Mono::delay_until(next).await;
        }
    }

    /// Sends records when nothing else runs. A slow line delays no frame.
    #[task(priority = 1, shared = [records], local = [serial])]
    async fn report(mut cx: report::Context) {
        loop {
            let mut record = [0; bellwether::report::RECORD_MAX];
            let length = cx.shared.records.lock(|records| {
                records.pop(|bytes| {
                    record[..bytes.len()].copy_from_slice(bytes);
                    bytes.len()
                })
            });
            match length {
                // A line that fails loses this record only.
                Some(length) => drop(cx.local.serial.bwrite_all(&record[..length])),
                None => Mono::delay(Span::from_millis(100)).await,
            }
        }
    }

    /// The chip's temperature in °C, by the two calibrated points of its data sheet.
    fn celsius(raw: u16) -> f32 {
        let (low, high) = (VtempCal30::get().read(), VtempCal110::get().read());
        80.0 * (f32::from(raw) - f32::from(low)) / (f32::from(high) - f32::from(low)) + 30.0
    }
}
