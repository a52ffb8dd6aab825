//! Program `bits`: the signature of everything that is computed in floating point.

use crate::console::finish;
use semihosting::println;

/// Prints `functions.name=bits`, a line each.
pub fn run() -> ! {
    bellwether::testing::signature(|functions, name, bits| {
        println!("{functions}.{name}={bits:08x}");
    });
    finish()
}
