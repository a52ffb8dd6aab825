//! The power spectrum of N real samples, in place: N/2 complex values through a radix-2 transform,
//! decimated in time (Cooley and Tukey 1965), then split into the spectrum of the real samples.
//!
//! ```text
//! z_n = x_2n + i·x_2n+1        Z = DFT(z), M = N/2 values        W = exp(-2πi/N)
//! E_k = (Z_k + Z*_M-k) / 2     O_k = (Z_k - Z*_M-k) / 2i         X_k = E_k + W^k·O_k
//! ```
//!
//! Sines come from a table that the compiler computes: 4·N bytes of flash. Additions and products of f32
//! only, in a fixed order: the same bits everywhere. Cost: M/2·log2 M butterflies and M/2 splits.

/// Sizes that are supported: powers of two.
pub const SIZES: core::ops::RangeInclusive<usize> = 64..=4096;

/// The transform of N samples.
pub(super) struct Fourier<const N: usize>;

impl<const N: usize> Fourier<N> {
    /// Number of complex values.
    const HALF: usize = {
        assert!(
            N.is_power_of_two() && N >= *SIZES.start() && N <= *SIZES.end(),
            "N: a power of two from 64 to 4,096"
        );
        N / 2
    };

    /// cos and sin of 2πk/N, alternating, for k from 0 to N/2 - 1.
    const TURNS: [f32; N] = {
        let mut turns = [0.0; N];
        let mut k = 0;
        while k < Self::HALF {
            (turns[2 * k], turns[2 * k + 1]) = turn(k, N);
            k += 1;
        }
        turns
    };

    /// The place of sample `n` in the memory of [`power`](Self::power).
    pub const fn place(n: usize) -> usize {
        let bits = Self::HALF.trailing_zeros();
        let reversed = ((n / 2) as u32).reverse_bits() >> (32 - bits);
        2 * reversed as usize + n % 2
    }

    /// cos of 2πn/N for n below N/2; beyond, 0.
    pub fn cosine(n: usize) -> f32 {
        let [cos, _] = Self::TURNS_REF
            .as_chunks::<2>()
            .0
            .get(n)
            .copied()
            .unwrap_or_default();
        cos
    }

    /// The power |X_k|² of every k from 0 to N/2, of samples in their [`place`](Self::place)s. Both ends
    /// come first, then pairs from outside to inside.
    pub fn power(memory: &mut [f32; N], mut each: impl FnMut(usize, f32)) {
        let (turns, _) = Self::TURNS_REF.as_chunks::<2>();
        let (z, _) = memory.as_chunks_mut::<2>();
        transform(z, turns);
        if let Some([re, im]) = z.first().copied() {
            each(0, (re + im) * (re + im));
            each(Self::HALF, (re - im) * (re - im));
        }
        let near = z.iter().zip(turns).skip(1).take(Self::HALF / 2);
        let far = z.iter().rev();
        for (k, (([a, b], [cos, sin]), [c, d])) in (1..).zip(near.zip(far)) {
            let (e_re, e_im) = (0.5 * (a + c), 0.5 * (b - d));
            let (o_re, o_im) = (0.5 * (b + d), 0.5 * (c - a));
            let (t_re, t_im) = (cos * o_re + sin * o_im, cos * o_im - sin * o_re);
            let (re, im) = (e_re + t_re, e_im + t_im);
            each(k, re * re + im * im);
            if 2 * k < Self::HALF {
                let (re, im) = (e_re - t_re, e_im - t_im);
                each(Self::HALF - k, re * re + im * im);
            }
        }
    }

    /// The table, at one place in flash.
    const TURNS_REF: &'static [f32; N] = &Self::TURNS;
}

/// The transform of values in bit-reversed order; the result is in order.
fn transform(z: &mut [[f32; 2]], turns: &[[f32; 2]]) {
    let (mut half, mut stride) = (1, turns.len());
    while half < z.len() {
        for (j, [cos, sin]) in turns.iter().step_by(stride.max(1)).take(half).enumerate() {
            let mut low = j;
            while let (Some([a, b]), Some([c, d])) = (z.get(low), z.get(low + half)) {
                let (re, im) = (cos * c + sin * d, cos * d - sin * c);
                let (plus, minus) = ([a + re, b + im], [a - re, b - im]);
                if let Some(place) = z.get_mut(low) {
                    *place = plus;
                }
                if let Some(place) = z.get_mut(low + half) {
                    *place = minus;
                }
                low += 2 * half;
            }
        }
        half *= 2;
        stride /= 2;
    }
}

/// cos and sin of 2πk/n for k up to n/2, each through an angle up to π/4.
const fn turn(k: usize, n: usize) -> (f32, f32) {
    if k > n / 4 {
        let (cos, sin) = turn(n / 2 - k, n);
        return (-cos, sin);
    }
    if k > n / 8 {
        let (sin, cos) = turn(n / 4 - k, n);
        return (cos, sin);
    }
    let x = core::f64::consts::TAU * (k as f64) / (n as f64);
    // Taylor to the 17th power: below 1e-15 for x up to π/4.
    let (mut cos, mut sin, mut term, mut power) = (0.0, 0.0, 1.0, 0_u32);
    while power < 18 {
        let signed = if power % 4 < 2 { term } else { -term };
        if power.is_multiple_of(2) {
            cos += signed;
        } else {
            sin += signed;
        }
        power += 1;
        term *= x / power as f64;
    }
    (cos as f32, sin as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn spectrum<const N: usize>(samples: &[f64]) -> Vec<f32> {
        let mut memory = [0.0; N];
        for (n, x) in samples.iter().enumerate() {
            memory[Fourier::<N>::place(n)] = *x as f32;
        }
        let mut power = std::vec![f32::NAN; N / 2 + 1];
        Fourier::power(&mut memory, |k, p| {
            assert!(power[k].is_nan(), "bin {k} twice");
            power[k] = p;
        });
        power
    }

    /// Against the definition in f64. Broken by a wrong sign of a sine.
    #[test]
    fn the_spectrum_is_that_of_the_definition() {
        fn check<const N: usize>() {
            let mut state = 1_u32;
            let noise = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from(state >> 8) / f64::from(1 << 23) - 1.0
            };
            let samples: Vec<f64> = (0..N).map(noise).collect();
            for (k, found) in spectrum::<N>(&samples).into_iter().enumerate() {
                let of = |f: fn(f64) -> f64| -> f64 {
                    let term = |(n, x): (usize, &f64)| {
                        x * f(std::f64::consts::TAU * ((n * k) % N) as f64 / N as f64)
                    };
                    samples.iter().enumerate().map(term).sum()
                };
                let wanted = of(f64::cos).powi(2) + of(f64::sin).powi(2);
                let error = (f64::from(found) - wanted).abs();
                assert!(error < 1e-5 * N as f64, "N {N}, bin {k}: {found} {wanted}");
            }
        }
        check::<64>();
        check::<128>();
        check::<1024>();
    }

    /// Broken by a table entry that is not the nearest f32.
    #[test]
    fn turns_are_those_of_the_host_rounded() {
        for k in 0..2048 {
            let x = std::f64::consts::TAU * k as f64 / 4096.0;
            let (cos, sin) = turn(k, 4096);
            assert!((f64::from(cos) - x.cos()).abs() <= 3.0e-8, "{k}");
            assert!((f64::from(sin) - x.sin()).abs() <= 3.0e-8, "{k}");
        }
        assert_eq!(turn(1024, 4096), (0.0, 1.0));
    }
}
