#![no_std]
//! Adapters between hardware and Bellwether.
