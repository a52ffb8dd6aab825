//! Ten million samples: the window's verdicts equal the two-pass formula's throughout.

use bellwether::testing::{ErrorWindow, Sigmas};
use std::collections::VecDeque;

/// An error as a multiple of 2^-36, made from its f64 value apart from the code under test.
fn integer(error: f32) -> i128 {
    (f64::from(error) * 2f64.powi(36) + 0.5).floor() as i128
}

/// Whether the newest of n entries is above mean + 3σ, from Σq and Σq².
fn exceeds(newest: i128, n: i128, sum: i128, squares: i128) -> bool {
    let above = n * newest - sum;
    above > 0 && above * above > 9 * (n * squares - sum * sum)
}

/// The last entries, and their sums in integers that neither round nor overflow.
struct Oracle {
    span: usize,
    last: VecDeque<i128>,
    sum: i128,
    squares: i128,
}

impl Oracle {
    fn new(span: usize) -> Self {
        Self {
            span,
            last: VecDeque::new(),
            sum: 0,
            squares: 0,
        }
    }

    fn add(&mut self, q: i128, sign: i128) {
        self.sum += sign * q;
        self.squares += sign * q * q;
    }

    /// Enters an error, in place of the newest if asked to, and judges it.
    fn judge(&mut self, error: f32, replace: bool) -> bool {
        let q = integer(error);
        if replace && let Some(newest) = self.last.pop_back() {
            self.add(newest, -1);
        } else if self.last.len() == self.span
            && let Some(oldest) = self.last.pop_front()
        {
            self.add(oldest, -1);
        }
        self.last.push_back(q);
        self.add(q, 1);
        exceeds(q, self.last.len() as i128, self.sum, self.squares)
    }

    /// The same in two passes over the entries, trusting no sum.
    fn two_pass(&self) -> bool {
        let n = self.last.len() as i128;
        let sum: i128 = self.last.iter().sum();
        // Σ(n·q - S)² = n·(n·Σq² - S²)
        let spread: i128 = self.last.iter().map(|q| (n * q - sum).pow(2)).sum();
        let above = n * self.last.back().expect("an entry") - sum;
        above > 0 && above * above * n > 9 * spread
    }
}

/// Bursty, constant and quiet stretches, every seventeenth error judged twice. Each verdict of a
/// short window and of the papers' one, against exact sums; the sums themselves against two passes
/// at each alarm and each 4,096th sample, of the short window at every sample. Broken by any drift:
/// a wrong bit in a running sum never goes away.
#[test]
fn ten_million_samples_do_not_drift() {
    const SAMPLES: usize = 10_000_000;
    let sigmas = Sigmas::new(3.0);
    let (mut short, mut long) = (ErrorWindow::<16>::new(), ErrorWindow::<1440>::new());
    let (mut exact_short, mut exact_long) = (Oracle::new(16), Oracle::new(1440));
    let mut state = 1u64;
    let (mut alarms, mut checked) = ([0usize; 2], 0usize);
    for sample in 0..SAMPLES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 40) as f32 / (1u64 << 24) as f32;
        let place = sample % 50_000;
        let error = match place {
            0..=19_999 => 1e-5 * unit,
            20_000..=29_999 => 3.0e-5,
            30_000..=30_040 => 100.0 * unit,
            _ => 1e-3 + 1e-4 * unit,
        };
        let replace = sample % 17 == 16;
        let (a, b) = if replace {
            (short.replace_newest(error), long.replace_newest(error))
        } else {
            (short.push(error, 16), long.push(error, 1440))
        };
        let (a, b) = (short.judge(a, sigmas).above, long.judge(b, sigmas).above);
        let want = exact_short.judge(error, replace);
        assert_eq!(a, want, "window 16, sample {sample}");
        assert_eq!(a, exact_short.two_pass(), "window 16, sample {sample}");
        let want = exact_long.judge(error, replace);
        assert_eq!(b, want, "window 1440, sample {sample}");
        if b || sample % 4096 == 0 {
            checked += 1;
            assert_eq!(b, exact_long.two_pass(), "window 1440, sample {sample}");
        }
        let settled = (20_001 + 1440..30_000).contains(&place);
        assert!(
            !(settled && (a || b)),
            "a constant error is never an anomaly, sample {sample}"
        );
        alarms[0] += usize::from(a);
        alarms[1] += usize::from(b);
    }
    println!("alarms {alarms:?}, long window checked in two passes {checked} times");
    // Both verdicts must have been seen often, or the comparison above proved little.
    assert!(alarms.iter().all(|a| *a > 500) && checked > 2000);
}
