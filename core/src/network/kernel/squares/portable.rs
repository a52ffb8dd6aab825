//! One byte at a time.

/// The sum of the squared differences of `a` and `b`, eight by eight until it reaches `limit`. The
/// longer one is cut.
#[inline(always)]
pub(crate) fn squares(a: &[[i8; 8]], b: &[[i8; 8]], limit: u32) -> u32 {
    let mut sum = 0;
    for (a, b) in a.iter().zip(b) {
        sum += eight(a, b);
        if sum >= limit {
            break;
        }
    }
    sum
}

#[inline(always)]
fn eight(a: &[i8; 8], b: &[i8; 8]) -> u32 {
    let apart = a.iter().zip(b).map(|(a, b)| i32::from(*a) - i32::from(*b));
    apart.map(|d| (d * d) as u32).sum()
}

/// Eight bytes that many vectors are compared with.
pub(crate) struct Head([i8; 8]);

impl Head {
    pub(crate) fn new(bytes: &[i8; 8]) -> Self {
        Self(*bytes)
    }

    /// Passes over vectors of `width` bytes until the first eight of one are nearer than `limit`: the number
    /// of vectors before it, and the sum of squares of these eight. `None` if there is none.
    #[inline(always)]
    pub(crate) fn nearer(&self, vectors: &[i8], width: usize, limit: u32) -> Option<(usize, u32)> {
        let (mut rest, mut passed) = (vectors, 0);
        while let Some((vector, further)) = rest.split_at_checked(width) {
            let sum = eight(vector.first_chunk()?, &self.0);
            if sum < limit {
                return Some((passed, sum));
            }
            (rest, passed) = (further, passed + 1);
        }
        None
    }
}
