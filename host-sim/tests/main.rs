//! The program `bellwether`, command by command, and recordings in every layout: one program of
//! tests, since each would link the whole library again.

mod command_bench;
mod command_compare;
mod command_demo;
mod command_export;
mod command_fit;
mod command_fleet;
mod command_generate;
mod command_inject;
mod command_listen;
mod command_manual;
mod command_model;
mod command_report;
mod command_report_autoencoder;
mod command_run;
mod command_run_autoencoder;
mod command_score;
mod command_sign;
mod command_train;
mod command_train_faults;
mod command_train_features;
mod command_train_missing;
#[cfg(target_os = "linux")]
mod command_watch;
mod common;
mod exports;
#[cfg(all(unix, feature = "fleet"))]
mod fleet_servers;
mod models;
mod pages;
mod selections;
mod sources;
