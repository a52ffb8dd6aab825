//! Front ends: from samples of a signal to the features that a detector judges.
//!
//! A vibration or a current at hundreds of samples a second says little sample by sample. A front end
//! takes a burst of samples and gives a frame of features, at a rate that a detector can follow. A model
//! records the front end it was trained with ([`FrontEnd`](crate::model::FrontEnd)): host and device
//! compute the same bits. [`LogMel`] is for sound, and for models trained elsewhere.

mod burst;
mod fourier;
pub mod log_mel;
mod statistic;

pub use burst::{Burst, Rules, of_burst};
pub use fourier::SIZES;
pub use log_mel::LogMel;
pub use statistic::Statistic;
