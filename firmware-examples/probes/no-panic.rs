//! Shows: everything the library does but the sentinel, linked; nothing in it can panic.
//! Run: `cargo verify no-panic`
//! Expected: no symbol of a panic in the linked program, and some with `panic-on-purpose`.
#![no_std]
#![no_main]

use bellwether::autoencoder::{Autoencoder, Windowed};
use bellwether::rola::Rola;
use bellwether::sigma::Sigma;
use bellwether::signal::LogMel;
use bellwether_firmware as _;
use bellwether_probes::{everything, front_end};
use core::hint::black_box;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Rola<3, 64, 64> = Rola::new();
    static mut AUTOENCODER: Autoencoder<64> = Autoencoder::new();
    static mut WINDOWED: Windowed<3, 4, 64> = Windowed::new();
    static mut SIGMA: Sigma<3> = Sigma::new();
    static mut SOUND: LogMel<1> = LogMel::new();
    static mut BUFFER: [u8; 4096] = [0; 4096];
    let mut done = everything::ensemble(ROLA, BUFFER);
    done += everything::predictors() + everything::vote_alone();
    done += everything::autoencoder(AUTOENCODER, BUFFER);
    done += everything::windowed(WINDOWED, BUFFER) + everything::faults();
    done += everything::sigma(SIGMA, BUFFER) + front_end::everything_heard(SOUND);
    #[cfg(feature = "panic-on-purpose")]
    {
        done += usize::from(BUFFER[black_box(done)]);
    }
    loop {
        black_box(done);
    }
}
