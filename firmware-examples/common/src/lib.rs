#![no_std]
//! Shared by all programs of the boards: console and storage, through semihosting, the panic handler, the
//! shape to build for, and detectors with their contributions.
//!
//! QEMU and debug probes offer semihosting: standard input and output of the host, and the exit
//! code.

pub mod console;
pub mod explained;
pub mod shape;
pub mod storage;
