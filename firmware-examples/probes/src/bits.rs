//! Probe `bits`: the signature of everything that is computed in floating point.

use crate::stack;
use bellwether::testing::{signature, signature_of_sequences};
use bellwether_firmware::console::finish;
use semihosting::println;

/// Stack of the largest training, in bytes.
const ROOMY: usize = 24 * 1024;

/// Prints `functions.name=digest`, a line each; the largest training only with enough memory.
pub fn run() -> ! {
    let say = |functions: &str, name: &str, bits: u32| {
        println!("{functions}.{name}={bits:08x}");
    };
    signature(say);
    if stack::free() >= ROOMY {
        signature_of_sequences(say);
    }
    finish()
}
