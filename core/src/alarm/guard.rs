//! The bound on alarms: tokens, and a threshold that rises when they run out.
//!
//! ```text
//! tokens = min(10, tokens + 3·promise/10,000)      a row; 10 when new
//! guard  = max(0, guard - 1e-5)                    a row; 0 when new
//! an alarm: tokens -= 1; if tokens < 0: tokens = 0, guard = min(guard + 0.1, 2)
//! threshold = T·exp(guard)
//! ```
//!
//! Both are integers here: tokens spent, in units of 2^-28, and guard, in units of 1e-5. Neither
//! drifts, and the bound on the number of alarms holds exactly.

use super::Promise;
use crate::error::SnapshotError;
use crate::math::exp;
use crate::wire::snapshot::{Reader, Writer};

/// One token.
const TOKEN: u32 = 1 << 28;
/// Tokens of a full bucket: alarms in a row that are believed.
const BUCKET: u32 = 10 * TOKEN;
/// Refill, in multiples of the promise.
const REFILL: f32 = 3.0;
/// Fall of the guard per row, the unit.
const UNIT: f32 = 1e-5;
/// Rise of the guard by an alarm without a token: 0.1.
const STEP: u32 = 10_000;
/// Highest guard: 2.
const HIGHEST: u32 = 200_000;

/// Tokens and guard. 8 bytes, all zeros when new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Guard {
    spent: u32,
    raised: u32,
}

impl Guard {
    pub const fn new() -> Self {
        Self {
            spent: 0,
            raised: 0,
        }
    }

    /// Tokens that come back per row.
    pub fn refill(promise: Promise) -> u32 {
        (REFILL * promise.rate() * (TOKEN as f32 / 10_000.0)) as u32
    }

    /// exp(guard).
    pub fn factor(&self) -> f32 {
        // exp(0) is exactly 1; without a storm this branch is the common one.
        if self.raised == 0 {
            1.0
        } else {
            exp(self.raised as f32 * UNIT)
        }
    }

    /// Rows pass.
    pub fn pass(&mut self, refill: u32, rows: u32) {
        self.spent = self.spent.saturating_sub(refill.saturating_mul(rows));
        self.raised = self.raised.saturating_sub(rows);
    }

    /// An alarm takes a token, or raises the threshold.
    pub fn spend(&mut self) {
        let spent = self.spent.saturating_add(TOKEN);
        if spent > BUCKET {
            self.raised = self.raised.saturating_add(STEP).min(HIGHEST);
        }
        self.spent = spent.min(BUCKET);
    }

    pub fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.spent, self.raised));
    }

    pub fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (spent, raised) = body.take()?;
        if spent > BUCKET || raised > HIGHEST {
            return Err(body.content());
        }
        Ok(Self { spent, raised })
    }
}
