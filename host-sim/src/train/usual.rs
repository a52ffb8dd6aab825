//! The usual range of a column: one value that stands for a missing reading, or a few of a fault, must not
//! stretch the scale until the column is flat.
//!
//! ```text
//! a, b = 0.002 and 0.998 quantile, at least one value off each end; of fewer than 10 values, all
//! c, d = 0.05 and 0.95 quantile
//! far  = outside a - 3 (b - a) to b + 3 (b - a), or outside c - 1000 (d - c) to d + 1000 (d - c),
//!        or a number that loggers write for no reading, a width away from all others
//! low, high = smallest and largest of the others
//! ```
//!
//! Without a far value these are the smallest and the largest value.

use crate::recording::census::SENTINELS;

/// Quantiles, and the number of widths beyond them at which a value is far.
const RULES: [(f64, f64); 2] = [(0.002, FAR), (0.05, 1000.0)];
/// Widths beyond the usual range at which a value is far.
pub const FAR: f64 = 3.0;
/// Number of values below which none is left off.
const FEW: usize = 10;

/// The usual range of values; `None` without a value. What is not finite is left out.
pub fn usual(values: &[f64]) -> Option<(f64, f64)> {
    let is_stand_in = |x: &f64| SENTINELS.contains(&(*x as f32));
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let others: Vec<f64> = sorted.iter().copied().filter(|x| !is_stand_in(x)).collect();
    if let (Some(first), Some(last)) = (others.first(), others.last())
        && 2 * others.len() > sorted.len()
    {
        let width = last - first;
        sorted.retain(|x| !is_stand_in(x) || (first - width..=last + width).contains(x));
    }
    let end = sorted.len().checked_sub(1)?;
    let within = |x: &f64| {
        RULES.iter().all(|(share, widths)| {
            let off = ((sorted.len() as f64 * share).ceil() as usize).max(1);
            let off = if sorted.len() < FEW { 0 } else { off };
            let (a, b) = (sorted[off], sorted[end - off]);
            let room = widths * (b - a);
            // A column that hardly moves does not say what is far.
            room <= 0.0 || (a - room..=b + room).contains(x)
        })
    };
    let mut kept = sorted.iter().filter(|x| within(x));
    let low = *kept.next()?;
    Some((low, *kept.next_back().unwrap_or(&low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(count: usize) -> Vec<f64> {
        (0..count).map(|k| 45.0 + (k % 50) as f64 / 10.0).collect()
    }

    /// Broken by a range that leaves out what is healthy: without far values it is that of all.
    #[test]
    fn healthy_values_are_usual_to_the_last() {
        assert_eq!(usual(&wave(960)), Some((45.0, 49.9)));
        assert_eq!(usual(&[1.0, 2.0, 4.0, 90.0]), Some((1.0, 90.0)));
        assert_eq!(usual(&[]), None);
        // A machine idle for 97 % of its rows, and a column of zeros with a few ones.
        let busy = (0..1000).map(|k| {
            if k % 33 == 0 {
                300.0
            } else {
                40.0 + (k % 3) as f64
            }
        });
        assert_eq!(usual(&busy.collect::<Vec<_>>()), Some((40.0, 300.0)));
        let rare = (0..1000).map(|k| f64::from(u8::from(k == 500)));
        assert_eq!(usual(&rare.collect::<Vec<_>>()), Some((0.0, 1.0)));
    }

    /// Broken by smallest and largest values, whatever they are: one absurd value, the stand-in of a
    /// 16-bit sensor, stand-ins in 5 % of the rows, and unknown absurd ones in 1 %.
    #[test]
    fn far_values_stretch_nothing() {
        let with = |value: f64, every: usize| {
            let mut values = wave(960);
            values
                .iter_mut()
                .skip(7)
                .step_by(every)
                .for_each(|x| *x = value);
            usual(&values).unwrap()
        };
        for (value, every) in [
            (-99_999_999.0, 1000),
            (65_535.0, 1000),
            (-127.0, 20),
            (65_535.0, 20),
            (7.0e8, 100),
            (120.0, 1000),
            (0.0, 1000),
        ] {
            assert_eq!(with(value, every), (45.0, 49.9), "{value} in every {every}");
        }
        // Half a width beyond is no error of a sensor.
        assert_eq!(with(52.0, 1000), (45.0, 52.0));
    }

    /// Broken by two stand-ins that hide each other, or a column that is nothing else.
    #[test]
    fn stand_ins_are_far_from_readings_only() {
        let mut values = wave(960);
        values[5] = 65_535.0;
        values[6] = -9999.0;
        assert_eq!(usual(&values), Some((45.0, 49.9)));
        assert_eq!(usual(&[65_535.0; 20]), Some((65_535.0, 65_535.0)));
        // -99 °C among temperatures of -100 to -98 is one of them.
        let cold: Vec<f64> = (0..200).map(|k| -100.0 + f64::from(k % 5) / 2.0).collect();
        assert_eq!(usual(&cold), Some((-100.0, -98.0)));
    }
}
