//! The period of rows: a second, by the core's timer.

use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m::asm::wfi;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;

/// Clocks of a tick of the timer, which has 24 bits: 50 ms at 200 MHz.
const CLOCKS: u32 = 10_000_000;
/// Ticks of a period.
const TICKS: u32 = 20;

/// Ticks of the timer since the start.
static ELAPSED: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    ELAPSED.store(
        ELAPSED.load(Ordering::Relaxed).wrapping_add(1),
        Ordering::Relaxed,
    );
}

/// A clock of periods. A row that takes longer than one costs a row.
#[derive(Debug)]
pub struct Period {
    /// Tick at which the present period ends.
    end: u32,
}

impl Period {
    /// Starts the timer.
    pub fn start(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(CLOCKS - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        Self { end: TICKS }
    }

    /// Sleeps until the period ends. Returns the periods that were missed. A function of its own, so that a
    /// debugger can stop a program between two rows.
    #[inline(never)]
    pub fn wait(&mut self) -> u32 {
        let late = || ELAPSED.load(Ordering::Relaxed).wrapping_sub(self.end);
        while late() > u32::MAX / 2 {
            wfi();
        }
        let missed = late() / TICKS;
        self.end = self.end.wrapping_add(TICKS.wrapping_mul(missed + 1));
        missed
    }
}
