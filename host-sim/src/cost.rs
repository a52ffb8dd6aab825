//! The detector's cost: bytes, and instructions counted by the emulator.
//!
//! Figures are whole numbers by name, stored in a text file of lines `name=value`, the source of
//! the tables in COSTS.md and README.md. Instructions are exact and repeatable for a compiler; they
//! are not cycles of a real processor.

mod code;
pub mod counter;
pub mod estimate;
mod figures;
pub mod footprint;
mod measure;
pub mod network_probe;
pub mod networks;
mod size;
mod tables;
pub mod total;

pub use code::Code;
pub use figures::{Figures, close};
pub use measure::{host_nanoseconds, measure};
pub use size::Size;
pub use tables::{document, functions_of, summary};

/// The compilation of programs: cargo's profile, and a word for it.
pub const PROFILES: [(&str, &str); 2] = [("release", "fast"), ("small", "small")];
