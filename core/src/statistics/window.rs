//! A ring of the last `N` values.

/// Largest window: keeps the exact sums of [`crate::threshold::sigmas`] in range.
pub const MAX_WINDOW: usize = 1 << 14;

/// The last `N` values pushed, oldest first. All zeros when new.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Window<T, const N: usize> {
    items: [T; N],
    /// Place of the oldest value.
    start: u16,
    len: u16,
}

impl<const N: usize> Window<f32, N> {
    /// An empty window.
    pub const fn new() -> Self {
        const {
            assert!(N > 0 && N <= MAX_WINDOW, "1 to 16384 values");
        };
        Self {
            items: [0.0; N],
            start: 0,
            len: 0,
        }
    }
}

impl<const N: usize> Default for Window<f32, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy, const N: usize> Window<T, N> {
    /// Number of values held.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether no value is held.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.start = 0;
        self.len = 0;
    }

    /// Place in `items` of the value with this age-order index (0 is the oldest).
    fn place(&self, index: usize) -> usize {
        let place = usize::from(self.start) + index;
        if place >= N { place - N } else { place }
    }

    /// Appends a value. A full window loses its oldest.
    pub fn push(&mut self, value: T) {
        if self.len() >= N {
            // The newest takes the oldest one's place.
            if let Some(slot) = self.items.get_mut(usize::from(self.start)) {
                *slot = value;
            }
            self.start = self.place(1) as u16;
            return;
        }
        let place = self.place(self.len());
        if let Some(slot) = self.items.get_mut(place) {
            *slot = value;
            self.len += 1;
        }
    }

    /// Removes and returns the oldest value.
    pub fn pop_oldest(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let oldest = self.items.get(usize::from(self.start)).copied();
        self.start = self.place(1) as u16;
        self.len -= 1;
        oldest
    }

    /// Appends a value for the oldest, which is returned; the length stays. `None`, and
    /// nothing appended, if no value is held.
    pub fn exchange_oldest(&mut self, value: T) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let oldest = self.items.get(usize::from(self.start)).copied();
        let end = self.place(self.len());
        if let Some(slot) = self.items.get_mut(end) {
            *slot = value;
        }
        self.start = self.place(1) as u16;
        oldest
    }

    /// The newest value, to overwrite.
    pub fn newest_mut(&mut self) -> Option<&mut T> {
        let place = self.place(self.len().checked_sub(1)?);
        self.items.get_mut(place)
    }

    /// The last `count` values (or all there are) as two slices, older part first.
    #[must_use]
    pub fn last(&self, count: usize) -> (&[T], &[T]) {
        self.before(0, count)
    }

    /// The last `count` values (or all there are) before the newest `newer` ones, as two slices,
    /// older part first.
    #[must_use]
    pub fn before(&self, newer: usize, count: usize) -> (&[T], &[T]) {
        let held = self.len().saturating_sub(newer);
        let count = count.min(held);
        let first = self.place(held - count);
        match self.items.get(first..first + count) {
            Some(whole) => (whole, &[]),
            None => (
                self.items.get(first..).unwrap_or_default(),
                self.items
                    .get(..(first + count).saturating_sub(N))
                    .unwrap_or_default(),
            ),
        }
    }

    /// All values, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let (older, newer) = self.last(N);
        older.iter().chain(newer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::vec::Vec;

    proptest! {
        /// Broken by any slip in wrap-around: a deque is the oracle.
        #[test]
        fn behaves_like_a_bounded_deque(steps in prop::collection::vec(0u8..12, 0..200), n in 0usize..9) {
            let mut window = Window::<f32, 7>::new();
            let mut oracle = VecDeque::new();
            for (k, step) in steps.into_iter().enumerate() {
                match step {
                    0 => prop_assert_eq!(window.pop_oldest(), oracle.pop_front()),
                    2 => {
                        let exchanged = oracle.pop_front();
                        prop_assert_eq!(window.exchange_oldest(-2.0), exchanged);
                        if exchanged.is_some() { oracle.push_back(-2.0); }
                    }
                    1 => if let (Some(a), Some(b)) = (window.newest_mut(), oracle.back_mut()) {
                        *a = -1.0;
                        *b = -1.0;
                    },
                    _ => {
                        if oracle.len() == 7 { oracle.pop_front(); }
                        oracle.push_back(k as f32);
                        window.push(k as f32);
                    }
                }
                prop_assert!(window.iter().eq(oracle.iter()));
                let (older, newer) = window.last(n);
                let both: Vec<f32> = older.iter().chain(newer).copied().collect();
                let want: Vec<f32> = oracle.iter().skip(oracle.len().saturating_sub(n)).copied().collect();
                prop_assert_eq!(both, want);
                let newer = k % 9;
                let (older, new) = window.before(newer, n);
                let both: Vec<f32> = older.iter().chain(new).copied().collect();
                let earlier = oracle.len().saturating_sub(newer);
                let want: Vec<f32> = oracle.range(earlier.saturating_sub(n)..earlier).copied().collect();
                prop_assert_eq!(both, want, "before {}", newer);
            }
        }
    }
}
