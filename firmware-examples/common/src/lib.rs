#![no_std]
//! Shared by all programs of the boards: the console, through semihosting, and what handles a panic.
//!
//! QEMU and debug probes offer semihosting: standard input and output of the host, and the exit
//! code.

pub mod console;
