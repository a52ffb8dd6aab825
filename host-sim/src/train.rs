//! Training of autoencoders on healthy rows, and their evaluation.
//!
//! The protocol is strictly in time order: of the rows before the test part that are labelled
//! healthy, the first four fifths fit scaler and network, the last fifth sets the threshold.
//! Nothing looks at a later row. A random split of rows would put neighbours of test rows among
//! the training rows, and flatter (Borghesi et al. 2018 and others do).

pub mod alarmed;
pub mod architecture;
pub mod baseline;
pub mod columns;
mod ensemble;
pub mod evaluate;
pub mod fit;
pub mod method;
mod network;
pub mod quality;
pub mod self_test;
pub mod split;
pub mod survey;
pub mod training_run;
mod trim;
pub mod usual;
pub mod watched;

pub use architecture::Preset;
pub use columns::Columns;
pub use fit::{Fit, Losses, Rows, fit};
pub use self_test::SelfTest;
pub use split::Split;
pub use survey::Survey;
pub use training_run::{Calibration, TrainingRun};
pub use watched::Watched;
