//! The time for which alarms have lasted.
//!
//! ```text
//! credit   + 3 in a row with an alarm, - 7 in a row without, 0 at least
//! lasting  rows since the credit was 0
//! ```
//!
//! So in any stretch from the first alarm on more than 70 % of the rows were alarmed. A pause of a few rows
//! ends nothing, and rows before the change are not among those that last.

use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// Credit of a row with an alarm, and the price of one without.
const ALARM: u32 = 3;
const NONE: u32 = 7;
/// Most credit: far more than rows are kept.
const MOST: u32 = 1 << 20;

/// The count.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Lasting {
    credit: u32,
    rows: u32,
    is_alarmed: bool,
}

impl Lasting {
    pub(super) const NONE: Self = Self {
        credit: 0,
        rows: 0,
        is_alarmed: false,
    };

    pub(super) const fn rows(&self) -> u32 {
        self.rows
    }

    /// Whether the last row was alarmed.
    pub(super) const fn is_alarmed(&self) -> bool {
        self.is_alarmed
    }

    pub(super) fn take(&mut self, is_alarmed: bool) {
        self.is_alarmed = is_alarmed;
        self.credit = if is_alarmed {
            (self.credit + ALARM).min(MOST)
        } else {
            self.credit.saturating_sub(NONE)
        };
        self.rows = if self.credit == 0 {
            0
        } else {
            self.rows.saturating_add(1)
        };
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.credit, self.rows, self.is_alarmed));
    }

    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (credit, rows, is_alarmed): (u32, u32, bool) = body.take()?;
        if credit <= MOST && (credit == 0) == (rows == 0) {
            Ok(Self {
                credit,
                rows,
                is_alarmed,
            })
        } else {
            Err(body.content())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(alarms: impl Iterator<Item = bool>) -> u32 {
        let mut lasting = Lasting::NONE;
        alarms.for_each(|is_alarmed| lasting.take(is_alarmed));
        lasting.rows()
    }

    /// By hand: seven alarms in ten rows last no longer than to the next pause, eight do.
    #[test]
    fn more_than_seven_of_ten_last() {
        assert_eq!(after((0..1_000).map(|k| k % 10 < 8)), 1_000);
        assert_eq!(after((0..1_000).map(|k| k % 10 < 7)), 0);
        assert_eq!(after((0..1_000).map(|_| false)), 0);
    }

    /// By hand: 70 alarms pay for 29 rows without; the thirtieth ends what lasted.
    #[test]
    fn a_pause_ends_it_when_the_share_is_gone() {
        let then = |pause: usize| after((0..70 + pause).map(|k| k < 70));
        assert_eq!(then(29), 99);
        assert_eq!(then(30), 0);
    }
}
