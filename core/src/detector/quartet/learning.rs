//! Learning of a memory: it keeps covering the space of what was normal.
//!
//! While there is room, a vector that differs from all is added. Then a newcomer takes the place of the
//! vector with the nearest neighbour, if it is farther than that from all others: what goes is what the
//! memory has twice, and a rare stray costs one place. Neighbours are then put right: those of the
//! vectors that are nearer to the newcomer, and of those whose neighbour is gone.
//!
//! Work is counted in distances between two vectors, and can be spread over rows. A task that is not
//! done when the next candidate is due goes on, and that candidate is passed over.

use super::Shape;
use super::byte::squared;
use super::memory::Memory;
use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// The next step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Stage {
    /// Nothing.
    #[default]
    Idle,
    /// Find the distance to the vector at `at`.
    Search,
    /// See whether the newcomer is nearer to the vector at `at` than its neighbour, or replaced it.
    Repair,
    /// Find the neighbour of the vector at `at` among those from `other`.
    Rescan,
}

/// A vector that is being learned, in the short memory first, then in the long one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Task {
    stage: Stage,
    is_long: bool,
    /// Place of the candidate in quarantine.
    pub slot: u8,
    /// Place of the newcomer.
    place: u16,
    at: u16,
    other: u16,
    /// The smallest distance so far, and whose it is.
    least: u32,
    who: u16,
}

impl Task {
    pub(super) const fn new() -> Self {
        Self {
            stage: Stage::Idle,
            is_long: false,
            slot: 0,
            place: 0,
            at: 0,
            other: 0,
            least: 0,
            who: 0,
        }
    }

    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }

    /// Begins with the candidate of a slot.
    pub(super) fn begin(&mut self, slot: u8, short: &Memory<'_>) {
        self.slot = slot;
        self.is_long = false;
        self.search(short);
    }

    fn search(&mut self, memory: &Memory<'_>) {
        self.stage = Stage::Search;
        self.place = if memory.is_full() {
            memory.neighbours.densest(*memory.stored)
        } else {
            *memory.stored
        };
        (self.at, self.least, self.who) = (0, u32::MAX, 0);
    }

    /// Learns a vector in one memory, if none is being learned, by at most `budget` distances: at least as
    /// many as it has vectors, so that all is compared at once and the newcomer need not be kept.
    pub(super) fn learn(&mut self, memory: &mut Memory<'_>, newcomer: &[i8], budget: u32) {
        if self.is_idle() {
            self.search(memory);
            self.advance(memory, newcomer, &mut { budget });
        } else {
            self.go_on(memory, budget);
        }
    }

    /// Goes on with a vector that was compared with all others.
    pub(super) fn go_on(&mut self, memory: &mut Memory<'_>, mut budget: u32) {
        self.advance(memory, &[], &mut budget);
    }

    /// Goes on with both memories, by at most `budget` distances.
    pub(super) fn work(
        &mut self,
        memories: &mut [Memory<'_>; 2],
        candidate: [&[i8]; 2],
        mut budget: u32,
    ) {
        let [short, long] = memories;
        let [of_short, of_long] = candidate;
        if !self.is_long {
            self.advance(short, of_short, &mut budget);
            if self.is_idle() {
                self.is_long = true;
                self.search(long);
            }
        }
        if self.is_long {
            self.advance(long, of_long, &mut budget);
        }
    }

    fn advance(&mut self, memory: &mut Memory<'_>, newcomer: &[i8], budget: &mut u32) {
        while *budget > 0 && !self.is_idle() {
            match self.stage {
                Stage::Idle => {}
                Stage::Search => self.compare(memory, newcomer, budget),
                Stage::Repair => self.repair(memory, budget),
                Stage::Rescan => self.rescan(memory, budget),
            }
        }
    }

    fn compare(&mut self, memory: &mut Memory<'_>, newcomer: &[i8], budget: &mut u32) {
        if self.at == self.place {
            self.at += 1;
        }
        if self.at < *memory.stored {
            let distance = squared(memory.vector(self.at.into()), newcomer, self.least);
            if distance < self.least {
                (self.least, self.who) = (distance, self.at);
            }
            self.at += 1;
            *budget -= 1;
            return;
        }
        let is_full = memory.is_full();
        let is_new = if is_full {
            self.least > memory.neighbours.distance(self.place.into())
        } else {
            self.least > 0
        };
        if !is_new {
            self.stage = Stage::Idle;
            return;
        }
        if !is_full {
            *memory.stored += 1;
        }
        memory.replace(self.place, newcomer);
        let place = self.place.into();
        memory.neighbours.set(place, self.least, self.who);
        (self.stage, self.at) = (Stage::Repair, 0);
    }

    fn repair(&mut self, memory: &mut Memory<'_>, budget: &mut u32) {
        if self.at == self.place {
            self.at += 1;
        }
        if self.at >= *memory.stored {
            self.stage = Stage::Idle;
            return;
        }
        let at = self.at.into();
        if memory.neighbours.is(at, self.place) {
            self.stage = Stage::Rescan;
            (self.other, self.least, self.who) = (0, u32::MAX, 0);
            return;
        }
        let before = memory.neighbours.distance(at);
        let newcomer = memory.vector(self.place.into());
        let distance = squared(memory.vector(at), newcomer, before);
        if distance < before {
            memory.neighbours.set(at, distance, self.place);
        }
        self.at += 1;
        *budget -= 1;
    }

    fn rescan(&mut self, memory: &mut Memory<'_>, budget: &mut u32) {
        if self.other == self.at {
            self.other += 1;
        }
        let at = self.at.into();
        if self.other < *memory.stored {
            let other = memory.vector(self.other.into());
            let distance = squared(memory.vector(at), other, self.least);
            if distance < self.least {
                (self.least, self.who) = (distance, self.other);
            }
            self.other += 1;
            *budget -= 1;
            return;
        }
        memory.neighbours.set(at, self.least, self.who);
        (self.stage, self.at) = (Stage::Repair, self.at + 1);
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        let stage = match self.stage {
            Stage::Idle => 0_u8,
            Stage::Search => 1,
            Stage::Repair => 2,
            Stage::Rescan => 3,
        };
        body.put(&(stage, self.is_long, self.slot, self.place, self.at));
        body.put(&(self.other, self.least, self.who));
    }

    /// Reads a task of a shape, over memories of `stored` vectors.
    pub(super) fn saved(
        body: &mut Reader<'_>,
        shape: Shape,
        stored: [u16; 2],
    ) -> Result<Self, SnapshotError> {
        let (stage, is_long, slot, place, at) = body.take()?;
        let (other, least, who) = body.take()?;
        let stage = match stage {
            0_u8 => Stage::Idle,
            1 => Stage::Search,
            2 => Stage::Repair,
            3 => Stage::Rescan,
            _ => return Err(body.content()),
        };
        let task = Self {
            stage,
            is_long,
            slot,
            place,
            at,
            other,
            least,
            who,
        };
        let [short, long] = stored;
        let most = if is_long { long } else { short };
        let searching = stage == Stage::Search;
        let places = [place, at, other, who];
        let within = places.iter().all(|p| *p <= most)
            // A fit on the device learns without a quarantine.
            && usize::from(slot) < shape.slots().max(1)
            && place < shape.vectors
            && (searching || place < most);
        if task.is_idle() || within {
            Ok(task)
        } else {
            Err(body.content())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::Neighbours;
    use super::*;
    use std::vec;
    use std::vec::Vec;

    struct Stored {
        width: usize,
        vectors: Vec<i8>,
        stored: u16,
        distances: Vec<u32>,
        places: Vec<i8>,
    }

    impl Stored {
        fn new(width: usize, capacity: usize) -> Self {
            Self {
                width,
                vectors: vec![0; width * capacity],
                stored: 0,
                distances: vec![u32::MAX; capacity],
                places: vec![0; capacity],
            }
        }

        fn memory(&mut self) -> Memory<'_> {
            Memory {
                vectors: &mut self.vectors,
                width: self.width,
                stored: &mut self.stored,
                neighbours: Neighbours {
                    distances: &mut self.distances,
                    places: &mut self.places,
                },
            }
        }

        /// Learns, `budget` distances at a time; the number of times.
        fn learn(&mut self, newcomer: &[i8], budget: u32) -> usize {
            let mut task = Task::new();
            let mut memory = self.memory();
            task.search(&memory);
            let mut times = 0;
            while !task.is_idle() {
                task.advance(&mut memory, newcomer, &mut { budget });
                times += 1;
            }
            times
        }

        /// Every vector's smallest distance to another.
        fn exact(&mut self) -> Vec<u32> {
            let memory = self.memory();
            let all = 0..usize::from(*memory.stored);
            let of = |k: usize| {
                let others = all.clone().filter(|o| *o != k);
                let distance = |o| squared(memory.vector(k), memory.vector(o), u32::MAX);
                others.map(distance).min().unwrap_or(u32::MAX)
            };
            all.clone().map(of).collect()
        }
    }

    fn draw(state: &mut u32) -> i8 {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((*state >> 28) as i8) - 8
    }

    /// The rule by its words: all distances, no early end, nothing kept between calls.
    fn by_the_rule(vectors: &mut Vec<Vec<i8>>, capacity: usize, newcomer: &[i8]) {
        let apart = |a: &[i8], b: &[i8]| squared(a, b, u32::MAX);
        if vectors.len() < capacity {
            if vectors.iter().all(|v| apart(v, newcomer) > 0) {
                vectors.push(newcomer.to_vec());
            }
            return;
        }
        let neighbour = |k: usize| {
            let others = vectors.iter().enumerate().filter(|(o, _)| *o != k);
            others.map(|(_, v)| apart(v, &vectors[k])).min()
        };
        let densest = (0..capacity).min_by_key(|k| neighbour(*k)).expect("some");
        let others = vectors.iter().enumerate().filter(|(o, _)| *o != densest);
        if others.map(|(_, v)| apart(v, newcomer)).min() > neighbour(densest) {
            vectors[densest] = newcomer.to_vec();
        }
    }

    /// Broken by a neighbour that is not put right, by ties that fall otherwise, or by a pause.
    #[test]
    fn vectors_are_those_of_the_rule_and_neighbours_are_exact_however_work_is_spread() {
        for (width, capacity) in [(1, 4), (2, 8), (3, 20)] {
            let (mut at_once, mut spread) =
                (Stored::new(width, capacity), Stored::new(width, capacity));
            let (mut plain, mut state) = (Vec::new(), 5);
            for row in 0..400 {
                let newcomer: Vec<i8> = (0..width).map(|_| draw(&mut state)).collect();
                assert_eq!(at_once.learn(&newcomer, u32::MAX), 1);
                spread.learn(&newcomer, 1 + row % 5);
                by_the_rule(&mut plain, capacity, &newcomer);
                let stored = usize::from(at_once.stored);
                assert_eq!(at_once.vectors[..stored * width], plain.concat(), "{row}");
                assert_eq!(at_once.vectors, spread.vectors, "row {row}");
                let exact = at_once.exact();
                assert_eq!(at_once.distances[..stored], exact, "row {row}");
                assert_eq!(at_once.distances, spread.distances);
                assert_eq!(at_once.places, spread.places);
            }
            assert_eq!(usize::from(at_once.stored), capacity);
        }
    }
}
