//! Remembered vectors, and the distance of a row to the two nearest of them.

use super::byte::squared;
use crate::math::sqrt;
use crate::network::kernel::squares::Head;

/// Squared distances to the two nearest vectors, and where these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::detector) struct Nearest {
    first: u32,
    /// `u32::MAX` where there is one vector.
    second: u32,
    pub places: [u16; 2],
}

impl Nearest {
    /// The two nearest of `vectors`, `width` bytes each. A sum ends where it can be no nearer. The
    /// vectors of `hints` are looked at first: with near ones most sums end early. The distances do not
    /// depend on them.
    pub(in crate::detector) fn of(
        vectors: &[i8],
        width: usize,
        row: &[i8],
        hints: [u16; 2],
    ) -> Self {
        let [one, other] = hints;
        let (low, high) = (one.min(other), one.max(other));
        let mut found = Self {
            first: u32::MAX,
            second: u32::MAX,
            places: [low, high],
        };
        found.look_at(vectors, width, row, low);
        if high > low {
            found.look_at(vectors, width, row, high);
        }
        let between = |from: u16, to: u16| {
            let range = usize::from(from) * width..usize::from(to) * width;
            vectors.get(range).unwrap_or_default()
        };
        let count = (vectors.len() / width.max(1)) as u16;
        found.look(between(0, low.min(count)), width, row, 0);
        found.look(between(low + 1, high.min(count)), width, row, low + 1);
        found.look(between(high + 1, count), width, row, high + 1);
        found
    }

    /// Looks at one of `vectors`, if it is there.
    #[inline(never)]
    fn look_at(&mut self, vectors: &[i8], width: usize, row: &[i8], place: u16) {
        let rest = vectors.get(usize::from(place) * width..);
        if let Some(vector) = rest.and_then(|rest| rest.get(..width)) {
            self.take(squared(vector, row, self.second), place);
        }
    }

    /// Looks at vectors, the first of which is at `place`.
    #[inline(never)]
    fn look(&mut self, vectors: &[i8], width: usize, row: &[i8], place: u16) {
        let width = width.max(1);
        let (mut rest, mut at) = (vectors, place);
        if let Some((head, tail)) = row.split_first_chunk()
            && tail.len() < head.len()
        {
            let head = Head::new(head);
            while let Some((passed, near)) = head.nearer(rest, width, self.second) {
                let from = rest.get(passed * width..).unwrap_or_default();
                let Some((vector, further)) = from.split_at_checked(width) else {
                    return;
                };
                at += passed as u16;
                let behind = vector.get(row.len() - tail.len()..).unwrap_or_default();
                self.take(near + squared(behind, tail, self.second - near), at);
                (rest, at) = (further, at + 1);
            }
            return;
        }
        while let Some((vector, further)) = rest.split_at_checked(width) {
            self.take(squared(vector, row, self.second), at);
            (rest, at) = (further, at + 1);
        }
    }

    /// Takes the distance of the vector at a place; some value of at least the second one if it is not less.
    #[inline(always)]
    fn take(&mut self, distance: u32, at: u16) {
        if distance >= self.second {
            return;
        }
        let [nearest, _] = self.places;
        if distance < self.first {
            (self.first, self.second) = (distance, self.first);
            self.places = [at, nearest];
        } else {
            (self.second, self.places) = (distance, [nearest, at]);
        }
    }

    /// The mean of both distances, in deviations per value. `factor` is that of the width.
    pub(in crate::detector) fn distance(self, factor: f32) -> f32 {
        let first = sqrt(self.first as f32);
        if self.second == u32::MAX {
            first * factor
        } else {
            (first + sqrt(self.second as f32)) * factor * 0.5
        }
    }
}

/// Facts about each vector for learning: the squared distance to its nearest neighbour
/// (`u32::MAX` without one), and the neighbour's place.
#[derive(Debug)]
pub(super) struct Neighbours<'a> {
    pub distances: &'a mut [u32],
    pub places: &'a mut [i8],
}

impl Neighbours<'_> {
    pub(super) fn distance(&self, place: usize) -> u32 {
        self.distances.get(place).copied().unwrap_or(u32::MAX)
    }

    /// Whether the neighbour of the vector at `place` is at `other`.
    pub(super) fn is(&self, place: usize, other: u16) -> bool {
        let neighbour = self.places.get(place).map(|p| u16::from(p.cast_unsigned()));
        neighbour == Some(other)
    }

    pub(super) fn set(&mut self, place: usize, distance: u32, neighbour: u16) {
        let places = self.places.get_mut(place);
        if let (Some(d), Some(p)) = (self.distances.get_mut(place), places) {
            *d = distance;
            *p = (neighbour as u8).cast_signed();
        }
    }

    /// The place of the vector that is nearest to another; the first of equals.
    pub(super) fn densest(&self, stored: u16) -> u16 {
        let distances = self.distances.iter().take(stored.into()).enumerate();
        let least = distances.reduce(|least, next| if next.1 < least.1 { next } else { least });
        least.map_or(0, |(place, _)| place as u16)
    }
}

/// One memory.
#[derive(Debug)]
pub(super) struct Memory<'a> {
    pub vectors: &'a mut [i8],
    pub width: usize,
    /// Vectors there are; room is for as many as `vectors` has.
    pub stored: &'a mut u16,
    pub neighbours: Neighbours<'a>,
}

impl Memory<'_> {
    pub(super) fn vector(&self, place: usize) -> &[i8] {
        let rest = self.vectors.get(place * self.width..).unwrap_or_default();
        rest.get(..self.width).unwrap_or_default()
    }

    /// The vectors there are.
    pub(super) fn known(&self) -> &[i8] {
        let known = usize::from(*self.stored) * self.width;
        self.vectors.get(..known).unwrap_or_default()
    }

    pub(super) fn is_full(&self) -> bool {
        (usize::from(*self.stored) + 1) * self.width > self.vectors.len()
    }

    pub(super) fn replace(&mut self, place: u16, by: &[i8]) {
        let at = usize::from(place) * self.width;
        let rest = self.vectors.get_mut(at..).unwrap_or_default();
        rest.iter_mut()
            .zip(by)
            .take(self.width)
            .for_each(|(to, from)| *to = *from);
    }

    /// Finds every vector's neighbour: K (K - 1) distances.
    pub(super) fn acquaint(&mut self) {
        let stored = usize::from(*self.stored);
        for k in 0..stored {
            let (mut least, mut who) = (u32::MAX, 0);
            for other in (0..stored).filter(|other| *other != k) {
                let distance = squared(self.vector(k), self.vector(other), least);
                if distance < least {
                    (least, who) = (distance, other as u16);
                }
            }
            self.neighbours.set(k, least, who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn bytes(count: usize, seed: u32) -> Vec<i8> {
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..count).map(|_| draw().cast_signed().max(-127)).collect()
    }

    /// Broken by a hint that is counted twice or passed over, or an exit that loses the second nearest.
    #[test]
    fn the_two_nearest_are_those_of_a_sort_whatever_the_hint() {
        for (width, count) in [(1, 9), (3, 20), (10, 30), (32, 64), (8, 1)] {
            let vectors = bytes(width * count, 7);
            for seed in 0..20 {
                let row = bytes(width, 100 + seed);
                let mut all: Vec<u32> = vectors
                    .chunks_exact(width)
                    .map(|v| squared(v, &row, u32::MAX))
                    .collect();
                let nearest = all.iter().position(|d| d == all.iter().min().expect("one"));
                all.sort_unstable();
                all.push(u32::MAX);
                let places = 0..count as u16 + 2;
                let hints = places
                    .clone()
                    .flat_map(|a| places.clone().map(move |b| [a, b]));
                for hints in hints {
                    let found = Nearest::of(&vectors, width, &row, hints);
                    assert_eq!(found.first, all[0], "{width} {count} {hints:?}");
                    assert_eq!(found.second, all[1], "{width} {count} {hints:?}");
                    if all[0] < all[1] {
                        assert_eq!(Some(usize::from(found.places[0])), nearest);
                    }
                }
            }
        }
    }
}
