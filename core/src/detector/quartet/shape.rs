//! The sizes of a detector: variables, remembered vectors, and room for learning.

use super::Calibration;
use super::quarantine::Quarantine;
use crate::clock::Clock;
use crate::sample::MAX_VARIABLES;
use crate::statistics::held::Held;

/// Rows between the newest and the oldest of a window of one variable, at most.
const LONGEST: usize = 64;

/// Sizes, from which all lengths of a [`Quartet`](super::Quartet) follow.
///
/// `K` vectors per memory and `Q` candidates under quarantine take, for `V` variables with `L` values
/// each in the residual lane (8 for one variable, else 1), `S` values in the short window (4 or `V`)
/// and `W` in the long one (32 or about 32, `V·max(2, 32/V)`):
///
/// ```text
/// floats     4 V + 2 D + D (D + 1) / 2                      D = V L
/// bytes      ring + K (S + W) + (Q + 1) (S + W) + 2 K       ring = 63 or W; the last two terms with Q > 0
/// distances  2 K with Q > 0
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shape {
    /// Variables, 1 to 512.
    pub variables: u16,
    /// Vectors that each of the two memories holds, 2 to 256.
    pub vectors: u16,
    /// Candidates that wait in quarantine before they may be learned, 0 to 254; 0 for memories that
    /// stay as they were fitted.
    pub candidates: u16,
}

/// Bytes of state beside the arrays.
const FIXED: usize = size_of::<Clock>()
    + size_of::<Calibration>()
    + size_of::<[f32; 2]>()
    + size_of::<Held>()
    + size_of::<u32>()
    + size_of::<Quarantine>()
    + size_of::<Shape>()
    + 3 * size_of::<[u16; 2]>();

impl Shape {
    /// Of a detector that is not fitted.
    pub(super) const NONE: Self = Self {
        variables: 0,
        vectors: 0,
        candidates: 0,
    };

    /// The best ranking: 128 vectors, and learning.
    pub const fn new(variables: u16) -> Self {
        Self {
            variables,
            vectors: 128,
            candidates: 12,
        }
    }

    /// 64 vectors that stay as they were fitted.
    pub const fn small(variables: u16) -> Self {
        Self {
            variables,
            vectors: 64,
            candidates: 0,
        }
    }

    /// 32 vectors that stay as they were fitted.
    pub const fn tiny(variables: u16) -> Self {
        Self {
            vectors: 32,
            ..Self::small(variables)
        }
    }

    /// Length of the array of floats.
    pub const fn floats(self) -> usize {
        let residual = self.residual();
        4 * self.count() + 2 * residual + residual * (residual + 1) / 2
    }

    /// Length of the array of bytes.
    pub const fn bytes(self) -> usize {
        let kept = self.vectors as usize + self.slots();
        self.ring(u32::MAX) + kept * (self.short() + self.long(u32::MAX)) + self.distances()
    }

    /// Length of the array of distances between remembered vectors.
    pub const fn distances(self) -> usize {
        if self.learns() {
            2 * self.vectors as usize
        } else {
            0
        }
    }

    /// Size of the state in bytes.
    pub const fn state_bytes(self) -> usize {
        let arrays = 4 * (self.floats() + self.distances()) + self.bytes();
        (FIXED + arrays).next_multiple_of(align_of::<Clock>())
    }

    /// Whether memories learn after the fit.
    pub const fn learns(self) -> bool {
        self.candidates > 0
    }

    /// Variables.
    pub(super) const fn count(self) -> usize {
        self.variables as usize
    }

    const fn is_single(self) -> bool {
        self.variables == 1
    }

    /// Values of the residual lane.
    pub const fn residual(self) -> usize {
        if self.is_single() { 8 } else { self.count() }
    }

    /// Values of the short window.
    pub const fn short(self) -> usize {
        if self.is_single() { 4 } else { self.count() }
    }

    /// Rows from one value of the long window to the next.
    pub const fn stride(self) -> usize {
        if self.is_single() { 2 } else { 1 }
    }

    /// Values of the long window after a fit to `rows`: not longer than an eighth of them.
    pub const fn long(self, rows: u32) -> usize {
        if self.is_single() {
            span(rows, LONGEST) / 2
        } else {
            let each = match 32_usize.checked_div(self.count()) {
                Some(each) if each > 2 => each,
                _ => 2,
            };
            each * self.count()
        }
    }

    /// Bytes of the ring from which both windows are taken.
    pub const fn ring(self, rows: u32) -> usize {
        let long = self.long(rows);
        if self.is_single() { 2 * long - 1 } else { long }
    }

    /// Candidates in memory: those that wait, and the one that is learned from.
    pub(super) const fn slots(self) -> usize {
        if self.learns() {
            self.candidates as usize + 1
        } else {
            0
        }
    }

    /// Whether arrays of these lengths hold it.
    pub(super) const fn fits(self, floats: usize, bytes: usize, distances: usize) -> bool {
        self.floats() <= floats && self.bytes() <= bytes && self.distances() <= distances
    }

    /// The most variables that a shape can have in arrays of these lengths; 0 if none fits.
    pub(super) const fn most_variables(floats: usize, bytes: usize) -> u16 {
        let mut variables = MAX_VARIABLES as u16;
        while variables > 0 {
            let least = Self {
                variables,
                vectors: 2,
                candidates: 0,
            };
            if least.fits(floats, bytes, 0) {
                break;
            }
            variables -= 1;
        }
        variables
    }

    /// Whether every number is one that is allowed.
    pub(super) const fn is_allowed(self) -> bool {
        self.variables >= 1
            && self.count() <= MAX_VARIABLES
            && self.vectors >= 2
            && self.vectors <= 256
            && self.candidates <= 254
    }
}

/// Rows that something may last which was fitted to `rows`: an eighth, from 8 to `most`.
const fn span(rows: u32, most: usize) -> usize {
    let eighth = (rows / 8) as usize;
    if eighth < 8 {
        8
    } else if eighth > most {
        most
    } else {
        eighth
    }
}

/// Rows in which the held score decays by a factor e, after a fit to `rows`.
pub const fn hold(rows: u32) -> usize {
    span(rows, 64)
}

/// The type of a [`Quartet`](super::Quartet) of a shape.
///
/// ```
/// use bellwether::{Detector, quartet::Shape, quartet_of};
/// type Pump = quartet_of!(Shape::small(8));
/// assert!(Pump::STATE_BYTES <= 3276);
/// ```
#[macro_export]
macro_rules! quartet_of {
    ($shape:expr) => {
        $crate::quartet::Quartet<
            { $crate::quartet::Shape::floats($shape) },
            { $crate::quartet::Shape::bytes($shape) },
            { $crate::quartet::Shape::distances($shape) },
        >
    };
}
