//! Detection quality: scores or detections against labels, one metric per file.
//!
//! A series is `scores: &[f64]`, higher is more anomalous, and `labels: &[bool]`, one of each
//! per row, in time order; detections are `&[bool]`, for instance the scores that reach a
//! threshold. Every metric states its blind spot: no single one is enough. Counts by row and by
//! event (K = 7) are in [`crate::metrics::events`], alarms as episodes in
//! [`crate::metrics::episodes`].
//!
//! `None` is the answer of every metric that the series does not define: no row, lengths that
//! differ, a score that is not finite, or labels without which there is nothing to count
//! (each function says which).

mod adjusted;
mod affiliation;
mod alarms;
mod concordance;
mod curve;
pub mod episodes;
pub mod events;
mod levels;
pub mod nab;
mod pate;
mod range;
mod ratio;
pub(crate) mod runs;
#[cfg(feature = "full")]
mod scored;
#[cfg(feature = "full")]
mod summary;
mod ties;
mod ucr;
mod vus;
mod window;

pub use adjusted::{WARNING, point_adjusted};
pub use affiliation::affiliation;
#[cfg(feature = "full")]
pub(crate) use alarms::median;
pub use alarms::{delays, false_alarms};
pub use concordance::concordance;
pub use curve::{auc_pr, auc_roc, best_f1};
pub use levels::THRESHOLDS;
pub use pate::pate;
pub use range::{Bias, range_recall};
pub use ratio::{PrecisionRecall, f_measure};
pub use runs::{Run, runs};
#[cfg(feature = "full")]
pub use scored::{Choice, Scored};
#[cfg(feature = "full")]
pub use summary::{Measure, Rules, summary};
pub use ties::untied;
pub use ucr::{UCR_MARGIN, ucr_hit};
pub use vus::{Vus, vus};
pub use window::window;

/// Whether a series is one at all: as many labels as scores, at least one, all finite.
fn is_series(scores: &[f64], labels: &[bool]) -> bool {
    !scores.is_empty() && scores.len() == labels.len() && scores.iter().all(|s| s.is_finite())
}
