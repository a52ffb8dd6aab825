//! Sums of squared differences of bytes, eight at a time. All targets give the same number.

#[cfg(bellwether_dsp)]
mod dsp;
#[cfg(bellwether_helium)]
mod helium;
#[cfg(not(any(bellwether_dsp, bellwether_helium, bellwether_x86)))]
mod portable;
#[cfg(bellwether_x86)]
mod x86_64;

#[cfg(bellwether_dsp)]
pub(crate) use dsp::{Head, squares};
#[cfg(bellwether_helium)]
pub(crate) use helium::{Head, squares};
#[cfg(not(any(bellwether_dsp, bellwether_helium, bellwether_x86)))]
pub(crate) use portable::{Head, squares};
#[cfg(bellwether_x86)]
pub(crate) use x86_64::{Head, squares};

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Broken by a byte that is left out, or a sum below the limit that is not exact.
    #[test]
    fn sums_are_those_of_bytes_one_by_one() {
        let bytes = |m: usize| -> Vec<[i8; 8]> {
            let of = |k: usize| (k * m % 255) as u8;
            let eights =
                (0..11).map(|k| core::array::from_fn(|j| of(8 * k + j).cast_signed().max(-127)));
            eights.collect()
        };
        for count in 0..=11 {
            let (a, b) = (&bytes(37)[..count], &bytes(91)[..count]);
            let pairs = a.as_flattened().iter().zip(b.as_flattened());
            let exact: u32 = pairs
                .map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2) as u32)
                .sum();
            assert_eq!(squares(a, b, u32::MAX), exact, "{count}");
            assert_eq!(squares(a, b, exact + 1), exact, "{count}");
            assert!(squares(a, b, exact / 2) >= exact / 2, "{count}");
        }
    }

    /// Broken by a vector that is passed over or counted twice.
    #[test]
    fn the_first_near_vector_is_found_with_the_sum_of_its_first_eight() {
        let vectors: Vec<i8> = (0..110)
            .map(|k: u8| k.wrapping_mul(67).cast_signed().max(-127))
            .collect();
        let row = [3, -120, 127, 0, -127, 50, 9, -1];
        for width in [8, 9, 11] {
            let sums: Vec<u32> = vectors
                .chunks_exact(width)
                .map(|vector| squares(&[*vector.first_chunk().unwrap()], &[row], u32::MAX))
                .collect();
            for limit in sums.iter().flat_map(|sum| [*sum, sum + 1]) {
                let wanted = sums.iter().position(|sum| *sum < limit);
                let found = Head::new(&row).nearer(&vectors, width, limit);
                assert_eq!(found, wanted.map(|place| (place, sums[place])));
            }
        }
        assert_eq!(Head::new(&row).nearer(&vectors[..7], 8, u32::MAX), None);
    }
}
