//! The triangles of the bands, by bin: a bin lies on the falling side of one and on the rising side of
//! the next.
//!
//! ```text
//! mel = 3·f/200 up to 1 kHz, then 15 + 27·ln(f/1000)/ln 6.4        edges: equal steps in mel
//! ```

use super::{BANDS, FRAME, HOP, RATE};
use core::f64::consts::{LN_2, LN_10};

/// Edges of the triangles in Hz: that of band b begins at b, and ends at b + 2.
const EDGES: [f64; BANDS + 2] = {
    // ln 6.4 and ln 8; the second is that of half the rate in kHz.
    let (step, octaves) = ((6.0 * LN_2 - LN_10) / 27.0, 3.0 * LN_2);
    assert!(RATE == 16_000);
    let highest = 15.0 + octaves / step;
    let mut edges = [0.0; BANDS + 2];
    let mut k = 0;
    while k < edges.len() {
        let mel = highest * (k as f64) / (BANDS + 1) as f64;
        edges[k] = if mel < 15.0 {
            mel * 200.0 / 3.0
        } else {
            1000.0 * exp(step * (mel - 15.0))
        };
        k += 1;
    }
    edges
};

/// The band that rises at each bin below half the rate; the one before falls.
pub static ABOVE: [u8; HOP] = {
    assert!(BANDS < 256);
    let mut above = [0; HOP];
    let (mut bin, mut band) = (0, 0);
    while bin < HOP {
        while EDGES[band + 1] <= frequency(bin) {
            band += 1;
        }
        above[bin] = band as u8;
        bin += 1;
    }
    above
};

/// The weights of a bin in the band that falls, and in the one that rises. Half the rate has none.
pub static WEIGHTS: [[f32; 2]; HOP] = {
    let mut weights = [[0.0; 2]; HOP];
    let mut bin = 0;
    while bin < HOP {
        let (band, f) = (ABOVE[bin] as usize, frequency(bin));
        let (low, high) = (EDGES[band], EDGES[band + 1]);
        let (falling, rising) = ((high - f) / (high - low), (f - low) / (high - low));
        if band > 0 {
            weights[bin][0] = (falling * 2.0 / (high - EDGES[band - 1])) as f32;
        }
        if band < BANDS {
            weights[bin][1] = (rising * 2.0 / (EDGES[band + 2] - low)) as f32;
        }
        bin += 1;
    }
    weights
};

const fn frequency(bin: usize) -> f64 {
    bin as f64 * RATE as f64 / FRAME as f64
}

/// e to the power `x`, for `x` from 0 to 2.1: Taylor to the 30th power, below 1e-15.
const fn exp(x: f64) -> f64 {
    let (mut sum, mut term, mut power) = (1.0, 1.0, 1_u32);
    while power <= 30 {
        term *= x / power as f64;
        sum += term;
        power += 1;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a wrong logarithm, and by an edge that is not a step of mel from the next.
    #[test]
    fn edges_are_equal_steps_of_slaneys_mel() {
        let mel = |f: f64| {
            if f < 1000.0 {
                f * 3.0 / 200.0
            } else {
                15.0 + 27.0 * (f / 1000.0).ln() / 6.4_f64.ln()
            }
        };
        let step = mel(8000.0) / 129.0;
        for (k, edge) in EDGES.into_iter().enumerate() {
            assert!((mel(edge) - step * k as f64).abs() < 1e-12, "{k}: {edge}");
        }
    }

    /// Against the definition by triangle. Broken by a bin that is counted in the band beside its own.
    #[test]
    fn weights_are_triangles_of_area_1() {
        for band in 0..BANDS {
            let [low, top, high] = [EDGES[band], EDGES[band + 1], EDGES[band + 2]];
            for bin in 0..HOP {
                let f = bin as f64 * 15.625;
                let height = ((f - low) / (top - low))
                    .min((high - f) / (high - top))
                    .max(0.0);
                let wanted = height * 2.0 / (high - low);
                let [falling, rising] = WEIGHTS[bin];
                let found = match band as i32 - i32::from(ABOVE[bin]) {
                    0 => rising,
                    -1 => falling,
                    _ => 0.0,
                };
                let apart = (f64::from(found) - wanted).abs();
                assert!(
                    apart <= 1e-7 * wanted.max(1e-9),
                    "band {band}, bin {bin}: {found} {wanted}"
                );
            }
        }
    }
}
