//! k of n: an alarm that must persist (three in a row in Molan et al., TPDS 2022).

use crate::error::{SettingsError, SnapshotError};
use crate::wire::snapshot;
use serde::{Deserialize, Serialize};

/// Most judgements that are remembered.
pub const MOST: u8 = 32;

/// How many of the last judgements must be anomalous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    k: u8,
    n: u8,
}

impl Rules {
    /// `k` of the last `n`: `n` 1 to 32, `k` 1 to `n`.
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

    /// Judgements that must be anomalous.
    pub const fn k(self) -> u8 {
        self.k
    }

    /// Of the last this many.
    pub const fn n(self) -> u8 {
        self.n
    }

    /// The bits of the last `n` judgements.
    const fn all(self) -> u32 {
        u32::MAX >> MOST.saturating_sub(self.n) as u32
    }
}

/// What [`Rules`] remembers: usable with any detector's judgements. 8 bytes, all zeros when new.
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
    /// The last 32 judgements, the newest in bit 0.
    judgements: u32,
    /// Judgements since the run began, the first included.
    age: u32,
}

impl KOfN {
    /// Has seen nothing.
    pub const fn new() -> Self {
        Self {
            judgements: 0,
            age: 0,
        }
    }

    /// Takes in a judgement; whether the alarm is confirmed. What could not be judged is left out
    /// by the caller.
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

    /// How many judgements ago the run began, 0 for the newest; `None` outside a run. A run goes on
    /// while one of the last `n` judgements is anomalous: its beginning is when a confirmed
    /// alarm was first seen.
    pub const fn began(&self) -> Option<u32> {
        self.age.checked_sub(1)
    }
}

impl KOfN {
    /// Bytes that a snapshot always fits in.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 10;

    /// Writes what was learned and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, rules: &Rules, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(*rules), &|body| body.put(self))
    }

    /// Replaces what was learned by a saved state.
    ///
    /// # Errors
    /// Says why the bytes were refused; the state is as before.
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
