//! Bytes of an ensemble on a device, by the number of its variables and its windows.

use super::Options;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Rola};

/// Window and history of [`Options::default`].
const WINDOW: usize = 1440;
const HISTORY: usize = 2880;

macro_rules! sizes {
    ($($variables:literal)*) => {
        [$(Rola::<$variables, WINDOW, HISTORY>::STATE_BYTES),*]
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

/// State of an ensemble of that size with these windows: it grows evenly with each.
pub(super) fn state_bytes(variables: usize, options: &Options) -> usize {
    const STEP: usize = 64;
    const FEW: usize = Rola::<1, STEP, STEP>::STATE_BYTES;
    const PER_ERROR: usize = (Rola::<1, { 2 * STEP }, STEP>::STATE_BYTES - FEW) / STEP;
    const PER_FRAME: usize = (Rola::<1, STEP, { 2 * STEP }>::STATE_BYTES - FEW) / STEP;
    let variables = variables.clamp(1, MAX_VARIABLES);
    let window = options.lane.window.map_or(WINDOW, usize::from);
    let history = options.vote.history.map_or(HISTORY, usize::from);
    let grown = variables * (PER_ERROR * window + PER_FRAME * history);
    SIZES[variables - 1] + grown - variables * (PER_ERROR * WINDOW + PER_FRAME * HISTORY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_that_of_an_ensemble_of_the_size() {
        let bytes = |variables, settings: &str| {
            state_bytes(variables, &Options::parse(&[settings]).unwrap())
        };
        let own = Rola::<9, WINDOW, HISTORY>::STATE_BYTES;
        assert_eq!(bytes(9, "window=1440"), own);
        let own = Rola::<38, WINDOW, HISTORY>::STATE_BYTES;
        assert_eq!(bytes(38, "history=2880"), own);
        let own = Rola::<9, 720, HISTORY>::STATE_BYTES;
        assert_eq!(bytes(9, "window=720"), own);
        let own = Rola::<3, WINDOW, 100>::STATE_BYTES;
        assert_eq!(bytes(3, "history=100"), own);
    }
}
