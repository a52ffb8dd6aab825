//! Bytes of an ensemble on a device, by the number of its variables and its windows.

use super::Options;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Rola};

/// Window and history of [`Options::default`].
const WINDOW: usize = 1440;
const HISTORY: usize = 2880;

/// State of an ensemble of that size with these windows; it grows linearly with each.
pub(super) fn state_bytes(variables: usize, options: &Options) -> usize {
    const STEP: usize = 64;
    const FEW: usize = Rola::<1, STEP, STEP>::STATE_BYTES;
    const PER_ERROR: usize = (Rola::<1, { 2 * STEP }, STEP>::STATE_BYTES - FEW) / STEP;
    const PER_FRAME: usize = (Rola::<1, STEP, { 2 * STEP }>::STATE_BYTES - FEW) / STEP;
    let window = options.lane.window.map_or(WINDOW, usize::from);
    let history = options.vote.history.map_or(HISTORY, usize::from);
    // Some fields take a byte per variable: eight variables take whole words.
    const EIGHT: usize = Rola::<8, STEP, STEP>::STATE_BYTES;
    const MOST: usize = Rola::<MAX_VARIABLES, STEP, STEP>::STATE_BYTES;
    const PER_VARIABLE: usize = (MOST - EIGHT) / (MAX_VARIABLES - 8);
    let variables = variables.clamp(1, MAX_VARIABLES);
    let base = EIGHT - 8 * PER_VARIABLE;
    let own = (base + variables * PER_VARIABLE).next_multiple_of(align_of::<Rola<1, STEP, STEP>>());
    let errors = PER_ERROR * window.saturating_sub(STEP);
    own + variables * (errors + PER_FRAME * history) - variables * PER_FRAME * STEP
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
