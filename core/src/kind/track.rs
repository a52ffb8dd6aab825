//! The trace of one variable in fixed point: 512 to a deviation or a usual difference, saturated at the ends.

use super::Kind;

/// One, in fixed point.
pub(super) const ONE: i32 = 512;
/// Slow means have two bits more: small steps would be lost.
const FINE: i32 = 4;
/// The largest z in the slow mean, and the largest difference in the activity.
const TEN: i32 = 10 * ONE;
/// Usual activity: of normal differences where nothing is known, and the least.
const NORMAL: u16 = (ONE * 4 / 5) as u16;
const LEAST: u16 = (ONE / 20) as u16;
/// A difference that is large, and one that is a jump.
const LARGE: u16 = 2 * ONE as u16;
const JUMP: u16 = 6 * ONE as u16;

/// Weights of a row, of 65,536.
const FAST: i32 = 19_661;
const TENTH: i32 = 6_554;
const SLOW: i32 = 655;

/// A number in fixed point, cut off towards 0. 0 for NaN.
pub(super) fn fixed(x: f32) -> i16 {
    (x * ONE as f32) as i16
}

/// The same of a number from 0.
pub(super) fn unsigned(x: f32) -> u16 {
    (x * ONE as f32) as u16
}

/// Usual activity from a mean difference in usual ones; 0 if it is not known.
pub(super) fn activity(mean: f32) -> u16 {
    match unsigned(mean) {
        0 => NORMAL,
        usual => usual.max(LEAST),
    }
}

/// `from`, moved towards `to` by a weight of 65,536, to the nearest. The two are within 51,200 of one another.
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
    /// The value, and the one before, in deviations from the mean.
    pub z: i16,
    pub before: i16,
    /// The difference of both, in usual differences and in deviations.
    pub leap: u16,
    pub jump: u16,
    /// Usual activity.
    pub usual: u16,
    /// Whether the value is beyond the usual range.
    pub beyond: bool,
}

/// Facts about a row that all variables share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    /// The first row with scales.
    pub begins: bool,
    /// An alarm is on.
    pub alarmed: bool,
    /// The shift is kept as that before an alarm.
    pub keeps_shift: bool,
}

/// A trace: 14 bytes, all zeros when new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Track {
    pub fast: i16,
    /// In 4 times finer steps.
    pub slow: i16,
    /// The shift before an alarm.
    pub calm: i16,
    pub activity: u16,
    pub jump: u16,
    pub leap: u16,
    pub large: u8,
    pub outside: u8,
}

impl Track {
    pub const NEW: Self = Self {
        fast: 0,
        slow: 0,
        calm: 0,
        activity: 0,
        jump: 0,
        leap: 0,
        large: 0,
        outside: 0,
    };

    /// Takes the next row.
    pub fn take(&mut self, row: &Row, about: Surroundings) {
        let within = |z: i16| i32::from(z).clamp(-TEN, TEN);
        if about.begins {
            self.fast = within(row.before) as i16;
            self.slow = (FINE * within(row.before)) as i16;
            self.activity = row.usual;
        }
        self.large = share(self.large, row.leap > LARGE);
        self.outside = share(self.outside, row.beyond);
        let leap = i32::from(row.leap).min(TEN);
        self.activity = towards(self.activity.into(), leap, TENTH) as u16;
        self.fast = towards(self.fast.into(), row.z.into(), FAST) as i16;
        self.slow = towards(self.slow.into(), FINE * within(row.z), SLOW) as i16;
        if !about.alarmed {
            self.jump = towards(self.jump.into(), 0, TENTH) as u16;
            self.leap = towards(self.leap.into(), 0, TENTH) as u16;
        }
        self.jump = self.jump.max(row.jump);
        self.leap = self.leap.max(row.leap);
        if about.keeps_shift {
            self.calm = self.level() as i16;
        }
    }

    /// The fast mean's distance from the slow one.
    fn level(&self) -> i32 {
        i32::from(self.fast) - i32::from(self.slow) / FINE
    }

    /// The change of that distance since before the alarm.
    pub fn shift(&self) -> i32 {
        self.level() - i32::from(self.calm)
    }

    /// The kind of change; `early`: a spike and a step cannot be told apart yet.
    pub fn kind(&self, usual: u16, early: bool) -> Kind {
        let (shift, jump) = (self.shift().abs(), i32::from(self.jump));
        let is_jump = self.leap >= JUMP;
        let is_lively = 2 * i32::from(self.activity) > 5 * i32::from(usual);
        if early && is_jump {
            Kind::Jump
        } else if self.large > 102 && is_lively && 2 * shift < jump {
            Kind::Noise
        } else if is_jump && 20 * shift < 7 * jump {
            Kind::Spike
        } else if is_jump {
            Kind::Step
        } else if self.level().abs() >= ONE || self.outside > 127 {
            Kind::Drift
        } else {
            Kind::Relation
        }
    }
}
