//! Statistics over the most recent values of variables.

pub mod correlation;
pub(crate) mod held;
pub mod maximum;
pub(crate) mod moments;
pub mod window;
