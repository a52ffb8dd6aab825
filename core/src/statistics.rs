//! Statistics over the last values of variables.

pub mod correlation;
pub mod window;
