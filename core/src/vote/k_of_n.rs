//! k of n: an alarm that must persist (three in a row in Molan et al., TPDS 2022).

use crate::error::SnapshotError;
use crate::wire::snapshot::{self, Reader};
use serde::{Deserialize, Serialize};

/// Most judgements that are remembered.
pub const MOST: u8 = 32;

/// How many of the last judgements must be anomalous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Confirm {
    k: u8,
    n: u8,
}

impl Confirm {
    /// `k` of the last `n`, 1 to `n` of 1 to 32; else `None`.
    pub const fn new(k: u8, n: u8) -> Option<Self> {
        if k >= 1 && k <= n && n <= MOST {
            Some(Self { k, n })
        } else {
            None
        }
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

/// What [`Confirm`] remembers: usable with any detector's judgements. 8 bytes, all zeros when new.
///
/// ```
/// use bellwether::vote::k_of_n::{Confirm, Confirmation};
/// let rules = Confirm::new(2, 3).unwrap();
/// let mut confirmation = Confirmation::new();
/// let alarms = [true, false, true, false, false];
/// let confirmed = alarms.map(|alarm| confirmation.observe(rules, alarm));
/// assert_eq!(confirmed, [false, false, true, false, false]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Confirmation {
    /// The last 32 judgements, the newest in bit 0.
    judgements: u32,
    /// Judgements since the run began, the first included.
    age: u32,
}

impl Confirmation {
    /// Has seen nothing.
    pub const fn new() -> Self {
        Self {
            judgements: 0,
            age: 0,
        }
    }

    /// Takes in a judgement; whether the alarm is confirmed. What could not be judged is left out
    /// by the caller.
    pub const fn observe(&mut self, rules: Confirm, anomalous: bool) -> bool {
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

impl Confirmation {
    /// Bytes that a snapshot always fits in.
    pub const SNAPSHOT_MAX: usize = snapshot::HEADER_BYTES + 10;

    /// Writes what was learned and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, rules: &Confirm, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write(buffer, shape(*rules), |writer| writer.put(self))
    }

    /// Replaces what was learned by a saved state.
    ///
    /// # Errors
    /// Says why the bytes were refused; the state is as before.
    pub fn restore(&mut self, rules: &Confirm, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut reader = Reader::new(snapshot::open(bytes, shape(*rules))?);
        let saved: Self = reader.take()?;
        let running = saved.judgements & rules.all() != 0;
        if running != (saved.age > 0) {
            return Err(reader.content());
        }
        reader.end()?;
        *self = saved;
        Ok(())
    }
}

fn shape(rules: Confirm) -> u32 {
    snapshot::shape("confirm", "", [rules.k.into(), rules.n.into(), 0])
}
