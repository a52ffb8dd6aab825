//! What a score is compared with.

pub mod ema;
pub(crate) mod sigmas;
