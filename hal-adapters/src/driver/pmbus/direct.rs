//! The direct format: X = (Y · 10^-R − b) / m.

/// Coefficients of a line. Y is the word in two's complement.
///
/// A current's m depends on the sense resistor: data sheets give it for 1 mΩ, and it is multiplied by the
/// resistance in mΩ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Direct {
    /// 10^-R for a negative R, else 1.
    factor: i64,
    /// b · 10^R for a positive R, else b.
    offset: i64,
    /// m · 10^R for a positive R, else m.
    slope: i64,
}

/// Largest magnitude of R.
const R_MAX: u32 = 9;

impl Direct {
    /// The line of a data sheet; `None` if `m` is 0 or `r` is outside -9..=9.
    ///
    /// ```
    /// use bellwether_hal::driver::pmbus::Direct;
    /// let volts = Direct::new(4062, 0, -2).unwrap(); // ADM1272, range of 100 V
    /// assert_eq!(volts.decode(2031), 50.0);
    /// assert_eq!(Direct::new(0, 0, 0), None);
    /// ```
    pub const fn new(m: i32, b: i32, r: i8) -> Option<Self> {
        let digits = r.unsigned_abs() as u32;
        if m == 0 || digits > R_MAX {
            return None;
        }
        let power = 10_i64.pow(digits);
        let (factor, scale) = if r < 0 { (power, 1) } else { (1, power) };
        Some(Self {
            factor,
            offset: b as i64 * scale,
            slope: m as i64 * scale,
        })
    }

    /// Value of a word. Numerator and denominator are exact before they become `f32`: it is within 1.5
    /// roundings of the definition, and within half a rounding where both have at most 24 bits.
    pub const fn decode(self, word: u16) -> f32 {
        let y = word as i16 as i64;
        (y * self.factor - self.offset) as f32 / self.slope as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, in `f64`.
    fn reference((m, b, r): (i32, i32, i8), y: i16) -> f64 {
        (f64::from(y) * 10_f64.powi(-i32::from(r)) - f64::from(b)) / f64::from(m)
    }

    /// Coefficients of the ADM1272 (data sheet, table of conversion coefficients): volts in both ranges, amperes
    /// over 1 mΩ and 30 mV, watts, °C. Then a positive R, and a negative m.
    const LINES: [(i32, i32, i8); 7] = [
        (6770, 0, -2),
        (4062, 0, -2),
        (663, 20_480, -1),
        (10_535, 0, -3),
        (42, 31_871, -1),
        (7, -3, 2),
        (-250, 125, 0),
    ];

    // Breaks if the sign of R, of b or of the word is lost, or the line is turned around.
    #[test]
    fn every_word_of_seven_lines_is_the_definition() {
        for line in LINES {
            let (m, b, r) = line;
            let format = Direct::new(m, b, r).unwrap();
            for word in 0..=u16::MAX {
                let want = reference(line, word as i16);
                let found = f64::from(format.decode(word));
                // Half a unit in the last place of an f32 for each of three roundings.
                let room = 1.5 * f64::from(f32::EPSILON) * want.abs();
                assert!(
                    (found - want).abs() <= room.max(1e-12),
                    "{line:?} {word}: {found}, not {want}"
                );
            }
        }
    }

    // Breaks if a power of ten beyond the exact ones is taken, or a division by zero.
    #[test]
    fn lines_without_a_value_are_refused() {
        for (m, r) in [(0, 0), (1, 10), (1, -10), (1, i8::MIN), (1, i8::MAX)] {
            assert_eq!(Direct::new(m, 0, r), None);
        }
    }

    // Breaks if the largest coefficients overflow.
    #[test]
    fn ends_of_the_coefficients_have_a_value() {
        for (m, b, r) in [
            (i32::MAX, i32::MIN, 9),
            (i32::MIN, i32::MAX, 9),
            (1, i32::MIN, -9),
            (i32::MIN, i32::MAX, -9),
        ] {
            let format = Direct::new(m, b, r).unwrap();
            for word in [0, 0x7FFF, 0x8000, 0xFFFF] {
                let want = reference((m, b, r), word as i16);
                let found = f64::from(format.decode(word));
                assert!((found - want).abs() <= 2e-7 * want.abs(), "{found} {want}");
            }
        }
    }
}
