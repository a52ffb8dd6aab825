//! Numbers as files store them: little-endian.

use anyhow::{Result, ensure};

/// Elements of `K` bytes.
///
/// # Errors
/// The bytes are no whole number of them.
pub fn all<T, const K: usize>(bytes: &[u8], read: impl Fn([u8; K]) -> T) -> Result<Vec<T>> {
    let (elements, rest) = bytes.as_chunks::<K>();
    ensure!(
        rest.is_empty(),
        "{} bytes are no whole number of elements of {K}",
        bytes.len()
    );
    Ok(elements.iter().map(|bytes| read(*bytes)).collect())
}

/// A number of binary64, rounded.
pub const fn double(bytes: [u8; 8]) -> f32 {
    f64::from_le_bytes(bytes) as f32
}

/// The upper half of a number of binary32.
pub const fn brain(bytes: [u8; 2]) -> f32 {
    let [low, high] = bytes;
    f32::from_le_bytes([0, 0, low, high])
}

/// A number of binary16: 5 bits of exponent, 10 of fraction.
pub fn half(bytes: [u8; 2]) -> f32 {
    let bits = u16::from_le_bytes(bytes);
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    let size = match exponent {
        0 => fraction * (-24_f32).exp2(),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * ((exponent - 25) as f32).exp2(),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the definition: the smallest subnormal, the largest number, one third's neighbour.
    #[test]
    fn halves_are_exact() {
        for (bits, value) in [
            (0x0000_u16, 0.0_f32),
            (0x0001, 2.0_f32.powi(-24)),
            (0x0400, 2.0_f32.powi(-14)),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 1365.0 / 4096.0),
            (0x7bff, 65504.0),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(half(bits.to_le_bytes()), value, "{bits:04x}");
        }
        assert!(half(0x7e00_u16.to_le_bytes()).is_nan());
        assert_eq!(brain(0xbf80_u16.to_le_bytes()), -1.0);
    }
}
