//! Bytes of an ensemble on a device, by the number of its variables and its windows.

use super::Options;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Rola};

/// Window and history of [`Options::default`].
const WINDOW: usize = 1440;
const HISTORY: usize = 2880;

/// Window and history of the sizes below.
const STEP: usize = 64;

macro_rules! sizes {
    ($($variables:literal)*) => {
        [$(Rola::<$variables, STEP, STEP>::STATE_BYTES),*]
    };
}

/// State of an ensemble of 1 to 16 variables. Sixteen more are whole words, whatever their fields are.
const SIZES: [usize; 16] = sizes!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);

/// State of an ensemble of that size with these windows: it grows evenly with each.
pub(super) fn state_bytes(variables: usize, options: &Options) -> usize {
    const FEW: usize = SIZES[0];
    const PER_ERROR: usize = (Rola::<1, { 2 * STEP }, STEP>::STATE_BYTES - FEW) / STEP;
    const PER_FRAME: usize = (Rola::<1, STEP, { 2 * STEP }>::STATE_BYTES - FEW) / STEP;
    const MOST: usize = Rola::<MAX_VARIABLES, STEP, STEP>::STATE_BYTES;
    const SIXTEEN: usize = (MOST - SIZES[15]) / (MAX_VARIABLES / 16 - 1);
    let variables = variables.clamp(1, MAX_VARIABLES);
    let window = options.lane.window.map_or(WINDOW, usize::from);
    let history = options.vote.history.map_or(HISTORY, usize::from);
    let own = SIZES[(variables - 1) % 16] + (variables - 1) / 16 * SIXTEEN;
    let grown = variables * (PER_ERROR * window + PER_FRAME * history);
    own + grown - variables * STEP * (PER_ERROR + PER_FRAME)
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
