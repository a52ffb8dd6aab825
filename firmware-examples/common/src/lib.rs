#![no_std]
//! What the boards' programs share, so that a board's own files stay thin: each names a preset and
//! calls one function here.
//!
//! Everything goes through semihosting, which QEMU and debug probes offer: standard input and
//! output of the host, and the exit code.

pub mod bits;
pub mod console;
pub mod cost;
pub mod ensemble;
pub mod everything;
pub mod network;
pub mod stack;
pub mod workload;
