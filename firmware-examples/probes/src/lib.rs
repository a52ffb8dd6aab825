#![no_std]
//! Measurements that more than one probe or board uses.

pub mod bits;
pub mod cascade;
pub mod charts;
pub mod cost;
pub mod counting;
pub mod everything;
pub mod front_end;
pub mod network;
pub mod sentinel;
pub mod stack;
pub mod workload;
