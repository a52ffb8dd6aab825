#![no_std]
//! Shared by the boards on desks: a default detector over three variables, its reports, and its
//! snapshots in flash.

mod node;

pub use node::{Guard, Node, VARIABLES, state};
