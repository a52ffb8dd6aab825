//! How well scores tell anomalies from the rest.

pub mod auc;

pub use auc::{auc_pr, auc_roc};
