//! Our detectors under the protocol.

use super::Series;
use super::detector::Judged;
use crate::record::FrameRecord;
use crate::replay::{Options, Replay};
use bellwether::report::Outcome;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Ensemble, Reading, Tick};

/// Window and history of [`Options::default`].
const WINDOW: usize = 1440;
const HISTORY: usize = 2880;

/// Lanes by themselves.
pub(super) fn repad2(series: &Series, _: u64) -> anyhow::Result<Judged> {
    lanes(series, ratio)
}

/// Lanes and their vote.
pub(super) fn rola(series: &Series, _: u64) -> anyhow::Result<Judged> {
    lanes(series, |record| {
        let confirmed = record.with(&[Outcome::Confirmed, Outcome::Agreeing]).next();
        f64::from(u8::from(confirmed.is_some())) + ratio(record)
    })
}

/// The largest error over its threshold, squeezed to below 1: half is at the threshold.
fn ratio(record: &FrameRecord) -> f64 {
    let ratios = record.lanes.iter().filter_map(|lane| {
        let (score, threshold) = (lane.assessment.score?, lane.assessment.threshold?);
        Some(f64::from(score) / f64::from(threshold).max(1e-12))
    });
    let most = ratios.fold(0.0, f64::max);
    if most.is_finite() {
        most / (1.0 + most)
    } else {
        1.0
    }
}

fn lanes(series: &Series, score: impl Fn(&FrameRecord) -> f64) -> anyhow::Result<Judged> {
    let options = Options {
        all: true,
        ..Options::default()
    };
    let mut replay = Replay::new(&series.variables, &options)?;
    let mut scores = Vec::with_capacity(series.labels().len());
    let mut frame = Vec::new();
    for (tick, row) in series.rows.iter().enumerate().skip(series.begin) {
        frame.clear();
        // NaN is a missing value.
        frame.extend(row.iter().map(|x| Reading::Value(*x)));
        let record = replay.observe(Tick(tick as u64), &frame);
        if tick >= series.fit {
            scores.push(score(&record));
        }
    }
    Ok(Judged {
        scores,
        state_bytes: state_bytes(series.variables.len()),
    })
}

macro_rules! sizes {
    ($($variables:literal)*) => {
        [$(Ensemble::<$variables, WINDOW, HISTORY>::STATE_BYTES),*]
    };
}

/// State of an ensemble for 1, 2, … variables.
const SIZES: [usize; MAX_VARIABLES] = sizes!(
    1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33
    34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
    64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93
    94 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117
    118 119 120 121 122 123 124 125 126 127 128
);

fn state_bytes(variables: usize) -> usize {
    SIZES[variables.clamp(1, MAX_VARIABLES) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_that_of_an_ensemble_of_the_size() {
        assert_eq!(state_bytes(9), Ensemble::<9, WINDOW, HISTORY>::STATE_BYTES);
        assert_eq!(
            state_bytes(38),
            Ensemble::<38, WINDOW, HISTORY>::STATE_BYTES
        );
        let defaults = Options::default();
        assert_eq!(defaults.lane.window, Some(WINDOW as u16));
        assert_eq!(defaults.vote.history, Some(HISTORY as u16));
    }
}
