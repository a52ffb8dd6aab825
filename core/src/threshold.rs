//! Thresholds: the limits that scores are compared with.

pub mod ema;
pub mod quantile;
pub(crate) mod sigmas;
pub mod spot;
pub mod surprise;

use crate::assessment::{Assessment, State};

/// The answer with its score compared with `threshold` instead of its own.
pub(crate) fn compared(answer: Assessment, score: f32, threshold: f32) -> Assessment {
    Assessment {
        state: if score > threshold {
            State::Anomalous
        } else {
            State::Normal
        },
        threshold: Some(threshold),
        ..answer
    }
}

/// The answer of a threshold that needs `left` more scores before its first decision.
pub(crate) fn warming(answer: Assessment, left: u32) -> Assessment {
    Assessment {
        state: State::Warming { left },
        threshold: None,
        ..answer
    }
}
