#![no_std]
//! Shared by the boards on desks: a default detector over three variables, its reports, and its
//! snapshot in flash.

mod node;
pub mod snapshots;

pub use node::{Guard, Node, ROWS, VARIABLES};
