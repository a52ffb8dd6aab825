#![cfg_attr(target_os = "none", no_std)]
#![doc = include_str!("../README.md")]
// Types have the names that C programs see.
#![allow(non_camel_case_types)]

mod code;
mod config;
mod detector;
mod memory;
mod model;
mod name;
#[cfg(all(target_os = "none", feature = "panic-handler"))]
mod panic;
mod shape;
mod sizes;
mod snapshot;
mod verdict;

pub use code::*;
pub use config::{bw_config, bw_config_default};
pub use detector::{
    bw_acknowledge, bw_complaint_of, bw_detector, bw_init, bw_learn, bw_observe, bw_reset,
    bw_shares, bw_silence, bw_skip,
};
pub use model::{bw_model, bw_model_init, bw_model_observe, bw_model_skip};
pub use name::{
    bw_cause_name, bw_error_text, bw_grade_name, bw_kind_name, bw_phase_name, bw_state_name,
    bw_symptom_name,
};
pub use shape::{MODEL_ARENA, MODEL_VARIABLES, MODEL_WINDOW, SHAPE, VARIABLES};
pub use sizes::{
    bw_abi_version, bw_model_bytes, bw_snapshot_max, bw_state_align, bw_state_bytes, bw_variables,
};
pub use snapshot::{bw_restore, bw_restore_from, bw_save, bw_save_to, bw_sink, bw_source};
pub use verdict::{bw_complaint, bw_part, bw_verdict};
