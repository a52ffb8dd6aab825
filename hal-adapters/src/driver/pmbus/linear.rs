//! The linear formats: X = Y · 2^N. Both are exact in `f32`.

/// Value of a LINEAR11 word: bits 15 to 11 are N, bits 10 to 0 are Y, both in two's complement.
///
/// ```
/// use bellwether_hal::driver::pmbus::linear::linear11;
/// assert_eq!(linear11(0b11110_000_0011_0001), 12.25); // 49 · 2^-2
/// ```
pub const fn linear11(word: u16) -> f32 {
    let exponent = (word as i16) >> 11;
    let mantissa = ((word << 5) as i16) >> 5;
    mantissa as f32 * power_of_two(exponent as i8)
}

/// Format of an output voltage: Y is the word without a sign, N comes from VOUT_MODE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Linear16 {
    exponent: i8,
}

impl Linear16 {
    /// The format that VOUT_MODE states: bits 7 to 5 are the mode, 0 for linear, and bits 4 to 0 are N in
    /// two's complement. `None` for another mode.
    ///
    /// ```
    /// use bellwether_hal::driver::pmbus::Linear16;
    /// let format = Linear16::of_vout_mode(0b000_10111).unwrap(); // N = -9
    /// assert_eq!(format.decode(6144), 12.0);
    /// assert_eq!(Linear16::of_vout_mode(0b010_00000), None); // direct
    /// ```
    pub const fn of_vout_mode(mode: u8) -> Option<Self> {
        if mode >> 5 != 0 {
            return None;
        }
        Some(Self {
            exponent: ((mode << 3) as i8) >> 3,
        })
    }

    /// Value of a word, in V.
    pub const fn decode(self, word: u16) -> f32 {
        word as f32 * power_of_two(self.exponent)
    }
}

/// 2^N, for N from -16 to 15.
const fn power_of_two(n: i8) -> f32 {
    /// Bias and place of the exponent in the bits of an `f32`.
    const BIAS: i32 = 127;
    const PLACE: u32 = 23;
    f32::from_bits(((BIAS + n as i32) as u32) << PLACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, in `f64` and without shifts of signed numbers.
    fn reference(mantissa: i32, exponent: i32) -> f64 {
        f64::from(mantissa) * 2_f64.powi(exponent)
    }

    /// A number of some bits in two's complement.
    fn signed(bits: i32, count: u32) -> i32 {
        let half = 1 << (count - 1);
        if bits < half { bits } else { bits - 2 * half }
    }

    // Breaks if a sign is lost, a field has another width, or the fields change places.
    #[test]
    fn every_word_of_linear11_is_the_definition() {
        for word in 0..=u16::MAX {
            let (n, y) = (i32::from(word) / 2048, i32::from(word) % 2048);
            let want = reference(signed(y, 11), signed(n, 5));
            assert_eq!(f64::from(linear11(word)), want, "{word:#06x}");
        }
    }

    // Breaks if the largest and the smallest of a field are confused.
    #[test]
    fn corners_of_linear11_are_those_computed_by_hand() {
        for (word, value) in [
            (0x0000, 0.0),
            (0x0001, 1.0),
            (0x03FF, 1023.0),
            (0x0400, -1024.0),
            (0x07FF, -1.0),
            (0x7BFF, 1023.0 * 32_768.0),
            (0x7C00, -1024.0 * 32_768.0),
            (0x8001, 1.0 / 65_536.0),
            (0xD3FF, 1023.0 / 64.0),
            (0xFFFF, -0.5),
        ] {
            assert_eq!(linear11(word), value, "{word:#06x}");
        }
    }

    // Breaks if the mantissa of an output voltage has a sign, or the exponent has none.
    #[test]
    fn every_word_of_linear16_is_the_definition() {
        for mode in 0..32_u8 {
            let format = Linear16::of_vout_mode(mode).unwrap();
            for word in 0..=u16::MAX {
                let want = reference(word.into(), signed(mode.into(), 5));
                assert_eq!(f64::from(format.decode(word)), want, "{mode} {word}");
            }
        }
    }

    // Breaks if a voltage in another mode is read as a linear one.
    #[test]
    fn other_modes_are_refused() {
        assert!((32..=u8::MAX).all(|mode| Linear16::of_vout_mode(mode).is_none()));
    }
}
