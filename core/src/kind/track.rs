//! The trace of one variable in fixed point: 512 to a deviation or a usual difference.

use super::Kind;
use crate::math::abs;

/// One, in fixed point.
pub(super) const ONE: i32 = 512;
/// The slow mean has two bits more: small steps would be lost.
const FINE: i32 = 4;
/// The largest z in the slow mean.
const TEN: i32 = 10 * ONE;
/// A difference that is large, and one that is a jump.
const LARGE: u16 = 2 * ONE as u16;
const JUMP: u16 = 5 * ONE as u16;
/// Half of the rows, as a share.
const HALF: u8 = 127;

/// Weights of a row, of 65,536: 0.15, 0.1 and 0.01.
const FAST: i32 = 9_830;
const TENTH: i32 = 6_554;
const SLOW: i32 = 655;

/// A number in fixed point, cut off towards 0; stays at ±64. 0 for NaN.
pub(super) fn fixed(x: f32) -> i16 {
    (x * ONE as f32) as i16
}

/// A difference in fixed point; stays at 64, as a value does.
fn difference(apart: f32, scale: f32) -> u16 {
    fixed(apart * scale).unsigned_abs()
}

/// `from`, moved towards `to` by a weight of 65,536, to the nearest. The two are within 65,536 of one another.
const fn towards(from: i32, to: i32, weight: i32) -> i32 {
    from + (((to - from) * weight + 0x8000) >> 16)
}

/// A share as a byte, 255 for all, moved by a tenth.
fn share(of: u8, holds: bool) -> u8 {
    let to = if holds { 255 } else { 0 };
    towards(of.into(), to, TENTH) as u8
}

/// One row of a variable, in fixed point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The value, in deviations from the mean.
    pub z: i16,
    /// Its difference from the last value, in deviations and in usual differences.
    pub jump: u16,
    pub leap: u16,
    /// Whether the value is beyond the usual range.
    pub beyond: bool,
}

impl Row {
    /// Of a value after another, by the inverse scales of the variable.
    pub fn of(x: f32, last: f32, mean: f32, inverse: (f32, f32), beyond: bool) -> Self {
        let (deviation, usual) = inverse;
        let apart = abs(x - last);
        Self {
            z: fixed((x - mean) * deviation),
            jump: difference(apart, deviation),
            leap: difference(apart, usual),
            beyond,
        }
    }
}

/// A trace: 10 bytes, all zeros when new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Track {
    pub fast: i16,
    /// In 4 times finer steps.
    pub slow: i16,
    pub jump: u16,
    pub leap: u16,
    pub large: u8,
    pub outside: u8,
}

impl Track {
    pub const NEW: Self = Self {
        fast: 0,
        slow: 0,
        jump: 0,
        leap: 0,
        large: 0,
        outside: 0,
    };

    /// One that is at a level.
    pub fn at(z: i16) -> Self {
        let level = i32::from(z).clamp(-TEN, TEN);
        Self {
            fast: level as i16,
            slow: (FINE * level) as i16,
            ..Self::NEW
        }
    }

    /// Takes the next row; `alarmed`: an alarm is on.
    pub fn take(&mut self, row: &Row, alarmed: bool) {
        let z = i32::from(row.z);
        self.fast = towards(self.fast.into(), z, FAST) as i16;
        self.slow = towards(self.slow.into(), FINE * z.clamp(-TEN, TEN), SLOW) as i16;
        if !alarmed {
            self.jump = towards(self.jump.into(), 0, TENTH) as u16;
            self.leap = towards(self.leap.into(), 0, TENTH) as u16;
        }
        self.jump = self.jump.max(row.jump);
        self.leap = self.leap.max(row.leap);
        self.large = share(self.large, row.leap > LARGE);
        self.outside = share(self.outside, row.beyond);
    }

    /// The fast mean's distance from the slow one.
    pub fn shift(&self) -> i32 {
        i32::from(self.fast) - i32::from(self.slow) / FINE
    }

    /// Whether half of the last values were beyond the usual range.
    pub const fn is_outside(&self) -> bool {
        self.outside > HALF
    }

    /// The kind of change; `early`: a spike and a step cannot be told apart yet.
    pub fn kind(&self, early: bool) -> Kind {
        let (shift, jump) = (self.shift().abs(), i32::from(self.jump));
        let is_jump = self.leap >= JUMP;
        if early && is_jump {
            Kind::Jump
        } else if self.large > HALF && 2 * shift < jump {
            Kind::Noise
        } else if is_jump && 4 * shift < jump {
            Kind::Spike
        } else if is_jump {
            Kind::Step
        } else if shift >= ONE || self.is_outside() {
            Kind::Drift
        } else {
            Kind::Relation
        }
    }
}
