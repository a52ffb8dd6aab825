//! The rounding of products, and the grid of quantised values.

/// The rounding of `accumulator · multiplier · 2^shift` to an integer. Append-only: part of the
/// byte format.
///
/// Frameworks differ here, so a converted model names the convention it was compared with. Results
/// differ by at most a step or two.
///
/// `a` accumulator, `q` 31-bit multiplier, `r` right shift, `>>` arithmetic:
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Rounding {
    /// `(a·q + 2^(30+r)) >> (31+r)`: once, half up. LiteRT's reference kernels and XNNPACK.
    #[default]
    Single,
    /// `p = (a·q + 2^30) >> 31`, then `(p + 2^(r-1)) >> r`: twice, half up. LiteRT's built-in
    /// kernels.
    DoubleHalfUp,
    /// `p` as above, then `p / 2^r` to the nearest, ties away from zero. CMSIS-NN and TFLite Micro
    /// in their default build.
    DoubleTiesAway,
}

impl Rounding {
    /// All conventions, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Single, Self::DoubleHalfUp, Self::DoubleTiesAway];

    /// The convention's code in a model.
    pub const fn code(self) -> u8 {
        match self {
            Self::Single => 0,
            Self::DoubleHalfUp => 1,
            Self::DoubleTiesAway => 2,
        }
    }

    pub(in crate::model) const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Single),
            1 => Some(Self::DoubleHalfUp),
            2 => Some(Self::DoubleTiesAway),
            _ => None,
        }
    }

    /// The convention's name in commands and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::DoubleHalfUp => "double-half-up",
            Self::DoubleTiesAway => "double-ties-away",
        }
    }
}

/// Quantisation parameters, the grid of values: `real = scale · (q - zero_point)`, `q` of 8 or 16
/// bits.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QuantParams {
    /// Distance of neighbouring values; finite, normal, above 0.
    pub scale: f32,
    /// The integer that stands for 0: -128 to 127, and 0 if values have 16 bits.
    pub zero_point: i16,
    /// Whether values have 16 bits, for few values with much information; else 8.
    pub wide: bool,
}

impl QuantParams {
    /// The real value of a point.
    pub fn real(&self, q: i16) -> f32 {
        self.scale * (i32::from(q) - i32::from(self.zero_point)) as f32
    }

    /// The smallest point. With 16 bits, where 0 is in the middle, -32,767.
    pub const fn low(&self) -> i16 {
        if self.wide { -i16::MAX } else { i8::MIN as i16 }
    }

    /// The largest point.
    pub const fn high(&self) -> i16 {
        if self.wide { i16::MAX } else { i8::MAX as i16 }
    }

    /// Bits of a point.
    pub const fn bits(&self) -> u8 {
        if self.wide { 16 } else { 8 }
    }

    /// Whether the zero point is valid in a model.
    pub(super) const fn holds_its_zero(&self) -> bool {
        if self.wide {
            self.zero_point == 0
        } else {
            self.low() <= self.zero_point && self.zero_point <= self.high()
        }
    }

    /// Whether two grids are the same to the bit.
    pub const fn same(&self, other: &Self) -> bool {
        self.scale.to_bits() == other.scale.to_bits()
            && self.zero_point == other.zero_point
            && self.wide == other.wide
    }
}
