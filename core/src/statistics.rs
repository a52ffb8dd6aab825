//! Statistics over the most recent values of variables.

pub mod correlation;
pub mod maximum;
pub mod window;
