//! Vectors that a memory begins with, and how far usual rows are from them.

use bellwether::quartet::squared;

/// Rows that vectors are taken from, at most: the last ones.
const LAST: usize = 20_000;
/// Steps of a byte per deviation.
const STEPS: f64 = 12.7;

/// Windows of rows, one after the other.
#[derive(Clone, Debug)]
pub struct Windows {
    bytes: Vec<i8>,
    width: usize,
}

impl Windows {
    /// Of `lags` rows, `stride` apart, newest first; the first row stands for those before it.
    pub fn of(rows: &[Vec<i8>], lags: usize, stride: usize) -> Self {
        let width = lags * rows.first().map_or(0, Vec::len);
        let first = rows.len().saturating_sub(LAST);
        let mut bytes = Vec::with_capacity(width * (rows.len() - first));
        for t in first..rows.len() {
            for lag in 0..lags {
                bytes.extend_from_slice(&rows[t.saturating_sub(lag * stride)]);
            }
        }
        Self { bytes, width }
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    fn range(&self, from: usize, to: usize) -> &[i8] {
        &self.bytes[from * self.width..to * self.width]
    }

    /// At most `most` vectors, each the farthest from those before it (Gonzalez, 1985).
    pub fn cover(&self, most: usize) -> Vec<i8> {
        cover(&self.bytes, self.width, most)
    }

    /// Distances of the last 3 in 10 windows from a memory of those before.
    pub fn usual(&self, most: usize) -> Vec<f64> {
        let n = self.len();
        let seen = (7 * n / 10).max(1);
        let memory = cover(self.range(0, seen), self.width, most);
        let rest = if n > seen { seen } else { 0 };
        let rest = self.range(rest, n).chunks_exact(self.width);
        rest.map(|window| near(&memory, window)).collect()
    }
}

fn cover(bytes: &[i8], width: usize, most: usize) -> Vec<i8> {
    let vectors: Vec<&[i8]> = bytes.chunks_exact(width).collect();
    let mut apart = vec![u32::MAX; vectors.len()];
    let (mut taken, mut next) = (Vec::new(), 0);
    for _ in 0..most {
        let newest = vectors[next];
        taken.extend_from_slice(newest);
        let mut farthest = 0;
        for (k, (apart, vector)) in apart.iter_mut().zip(&vectors).enumerate() {
            *apart = (*apart).min(squared(vector, newest, *apart));
            if *apart > farthest {
                (farthest, next) = (*apart, k);
            }
        }
        if farthest == 0 {
            break;
        }
    }
    taken
}

/// The mean distance to the two nearest, in deviations per value.
fn near(memory: &[i8], window: &[i8]) -> f64 {
    let (mut first, mut second) = (u32::MAX, u32::MAX);
    for vector in memory.chunks_exact(window.len()) {
        let distance = squared(vector, window, second);
        if distance < first {
            (first, second) = (distance, first);
        } else if distance < second {
            second = distance;
        }
    }
    let deviations = |sum: u32| (f64::from(sum) / window.len() as f64).sqrt() / STEPS;
    if second == u32::MAX {
        deviations(first)
    } else {
        (deviations(first) + deviations(second)) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_farthest_come_first_and_copies_never() {
        let rows: Vec<Vec<i8>> = [0, 1, 9, 1, 5, 9].map(|x| vec![x]).to_vec();
        let windows = Windows::of(&rows, 1, 1);
        assert_eq!(windows.cover(3), [0, 9, 5]);
        assert_eq!(windows.cover(99), [0, 9, 5, 1]);
        let windows = Windows::of(&rows, 2, 2);
        assert_eq!(windows.range(0, 3), [0, 0, 1, 0, 9, 0]);
        assert_eq!(windows.range(4, 6), [5, 9, 9, 1]);
    }

    #[test]
    fn usual_distances_are_those_of_rows_that_the_memory_has_not_seen() {
        let rows: Vec<Vec<i8>> = (0..10).map(|k| vec![10 * k]).collect();
        let usual = Windows::of(&rows, 1, 1).usual(128);
        // 70 is 10 and 20 from the nearest, and so on.
        let wanted = [15.0, 25.0, 35.0].map(|x| x / STEPS);
        for (found, wanted) in usual.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-12);
        }
        assert_eq!(usual.len(), 3);
        assert_eq!(Windows::of(&rows[..1], 1, 1).usual(128), [0.0]);
    }
}
