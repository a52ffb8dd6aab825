//! k of n: an alarm that must persist (three in a row in Molan et al., TPDS 2022).

use crate::error::{SettingsError, SnapshotError};
use crate::wire::snapshot;
use serde::{Deserialize, Serialize};

/// Maximum n: the number of assessments in memory.
pub const MOST: u8 = 32;

/// Checked k and n: the number of anomalous assessments among the last n that confirms an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    k: u8,
    n: u8,
}

impl Rules {
    /// Checks `k` of the last `n`: `n` 1 to 32, `k` 1 to `n`.
    ///
    /// # Errors
    /// `n` or `k` is out of range.
    pub const fn new(k: u8, n: u8) -> Result<Self, SettingsError> {
        if n < 1 || n > MOST {
            return Err(SettingsError::count("n", n as usize, MOST as usize));
        }
        if k < 1 || k > n {
            return Err(SettingsError::count("k", k as usize, n as usize));
        }
        Ok(Self { k, n })
    }

    /// k: the required number of anomalous assessments.
    pub const fn k(self) -> u8 {
        self.k
    }

    /// n: the number of assessments that count.
    pub const fn n(self) -> u8 {
        self.n
    }

    /// The bits of the last `n` assessments.
    const fn all(self) -> u32 {
        u32::MAX >> MOST.saturating_sub(self.n) as u32
    }
}

/// The state of a vote by k of n, for any detector's assessments. 8 bytes, all zeros when new.
///
/// ```
/// use bellwether::vote::k_of_n::{KOfN, Rules};
/// let rules = Rules::new(2, 3).unwrap();
/// let mut vote = KOfN::new();
/// let alarms = [true, false, true, false, false];
/// let confirmed = alarms.map(|alarm| vote.observe(rules, alarm));
/// assert_eq!(confirmed, [false, false, true, false, false]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct KOfN {
    /// The last 32 assessments, the newest in bit 0.
    judgements: u32,
    /// Number of assessments since the run began, the first included.
    age: u32,
}

impl KOfN {
    /// The state before the first assessment.
    pub const fn new() -> Self {
        Self {
            judgements: 0,
            age: 0,
        }
    }

    /// Takes an assessment and returns whether the alarm is confirmed. Callers leave out answers
    /// without a decision.
    pub const fn observe(&mut self, rules: Rules, anomalous: bool) -> bool {
        self.judgements = self.judgements << 1 | anomalous as u32;
        let seen = self.judgements & rules.all();
        self.age = if seen == 0 {
            0
        } else {
            self.age.saturating_add(1)
        };
        seen.count_ones() >= rules.k as u32
    }

    /// The age of the run in assessments, 0 for the newest; `None` outside a run. A run lasts while
    /// one of the last `n` assessments is anomalous. Its beginning is the onset of a confirmed
    /// alarm.
    pub const fn began(&self) -> Option<u32> {
        self.age.checked_sub(1)
    }
}

impl KOfN {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 10;

    /// Saves the state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, rules: &Rules, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(*rules), &|body| body.put(self))
    }

    /// Replaces the state by a saved one.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, rules: &Rules, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, shape(*rules), Self::SNAPSHOT_MAX, &mut |body| {
            restored = body.take()?;
            let running = restored.judgements & rules.all() != 0;
            if running != (restored.age > 0) {
                return Err(body.content());
            }
            Ok(())
        })?;
        *self = restored;
        Ok(())
    }
}

fn shape(rules: Rules) -> u32 {
    snapshot::shape("confirm", "", [rules.k.into(), rules.n.into(), 0])
}
