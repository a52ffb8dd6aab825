//! A recording opened: what its bytes are, and the rows they hold.

pub mod open;

use super::source::{Heading, Layout, Rows};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// A recording before its first row.
pub struct Opened {
    /// Its name in errors.
    pub file: String,
    /// Its layout.
    pub layout: Layout,
    /// The facts before the first row.
    pub heading: Heading,
    /// Its rows.
    pub source: Box<dyn Rows>,
    /// Size of the stored file in bytes, if known.
    pub size: Option<u64>,
    /// Bytes consumed of it.
    pub bytes: Arc<AtomicU64>,
}
