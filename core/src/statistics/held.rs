//! The score that is held: anomalies are ranges, and a lane that has seen one falls silent.
//!
//! ```text
//! held = onset                              where the onset is as high
//!        held + (onset - held) / hold       else
//! ```

/// The held score after an onset.
pub(crate) fn hold(held: f32, onset: f32, inv_hold: f32) -> f32 {
    if onset >= held {
        onset
    } else {
        held + (onset - held) * inv_hold
    }
}

/// A held score that knows how long it is held.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Held {
    pub value: f32,
    inv_hold: f32,
}

impl Held {
    /// Before a fit: all zeros.
    pub(crate) const NONE: Self = Self {
        value: 0.0,
        inv_hold: 0.0,
    };

    /// Decays by a factor e in `hold` rows.
    pub(crate) const fn new(hold: usize) -> Self {
        Self {
            value: 0.0,
            inv_hold: 1.0 / hold as f32,
        }
    }

    /// Takes the next onset; the held score.
    pub(crate) fn take(&mut self, onset: f32) -> f32 {
        self.value = hold(self.value, onset, self.inv_hold);
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_is_taken_at_once_and_a_fall_by_its_part() {
        let mut held = Held::new(8);
        assert_eq!(held.take(4.0), 4.0);
        assert_eq!(held.take(0.0), 3.5);
        assert_eq!(held.take(3.5), 3.5);
        assert_eq!(held.take(1.5), 3.25);
    }
}
