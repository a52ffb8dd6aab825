//! Statistics over the last values of variables.

pub(crate) mod correlation;
pub(crate) mod window;
