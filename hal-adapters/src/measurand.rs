//! Measurands: the unit of a value, and the range in which a sensor can have measured it.

use core::ops::RangeInclusive;

/// One measured quantity: its unit, its plausible range, and the line from the sensor's number to it.
///
/// ```
/// use bellwether_hal::Measurand;
/// // A thermistor bridge on a 12-bit converter: 0.1 K per count, 0 °C at 400 counts.
/// const INLET: Measurand = Measurand::new("°C", -40.0..=125.0).scaled(0.1, -40.0);
/// assert_eq!(INLET.value(655.0), 25.5);
/// assert!(INLET.is_plausible(25.5) && !INLET.is_plausible(369.5)); // all ones: an open wire
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Measurand {
    unit: &'static str,
    low: f32,
    high: f32,
    /// Scale and offset; `None` if the sensor's number is the value, to the bit.
    line: Option<(f32, f32)>,
}

impl Measurand {
    /// A quantity in a unit, with the values that the sensor can physically measure, both ends
    /// included. NaN is outside every range, an infinity outside every finite one.
    pub const fn new(unit: &'static str, plausible: RangeInclusive<f32>) -> Self {
        Self {
            unit,
            low: *plausible.start(),
            high: *plausible.end(),
            line: None,
        }
    }

    /// The same with values of `scale` times the sensor's number, plus `offset`. The range stays that
    /// of the values.
    pub const fn scaled(mut self, scale: f32, offset: f32) -> Self {
        self.line = Some((scale, offset));
        self
    }

    /// The same with another plausible range: that of a plant is narrower than that of a part.
    pub const fn within(mut self, plausible: RangeInclusive<f32>) -> Self {
        (self.low, self.high) = (*plausible.start(), *plausible.end());
        self
    }

    /// Unit of the values.
    pub const fn unit(&self) -> &'static str {
        self.unit
    }

    /// The plausible values.
    pub const fn plausible(&self) -> RangeInclusive<f32> {
        self.low..=self.high
    }

    /// The value from the sensor's number.
    pub const fn value(&self, number: f32) -> f32 {
        match self.line {
            Some((scale, offset)) => number * scale + offset,
            None => number,
        }
    }

    /// Whether the sensor can have measured this value.
    pub const fn is_plausible(&self, value: f32) -> bool {
        self.low <= value && value <= self.high
    }
}
