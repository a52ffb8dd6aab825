//! The masses of all nodes, in three planes of a byte per node: those of the last window, those of this one, and
//! those of the one before, which are cleared for the next, some in every row.

/// Rows that came through each node of each tree.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Masses<const TREES: usize, const NODES: usize> {
    planes: [Plane<TREES, NODES>; 3],
    /// Windows ended, modulo 3.
    turn: u8,
}

/// The masses of one window.
pub(super) type Plane<const TREES: usize, const NODES: usize> = [[u8; NODES]; TREES];

/// The planes by what they are for.
pub(super) struct Roles<'a, const TREES: usize, const NODES: usize> {
    pub reference: &'a mut Plane<TREES, NODES>,
    pub latest: &'a mut Plane<TREES, NODES>,
    pub spare: &'a mut Plane<TREES, NODES>,
}

impl<const TREES: usize, const NODES: usize> Masses<TREES, NODES> {
    pub(super) const NEW: Self = Self {
        planes: [[[0; NODES]; TREES]; 3],
        turn: 0,
    };

    pub(super) const fn roles(&mut self) -> Roles<'_, TREES, NODES> {
        let [a, b, c] = &mut self.planes;
        let (reference, latest, spare) = match self.turn {
            0 => (a, b, c),
            1 => (b, c, a),
            _ => (c, a, b),
        };
        Roles {
            reference,
            latest,
            spare,
        }
    }

    /// The masses of the last window, and of this one.
    pub(super) const fn both(&self) -> [&Plane<TREES, NODES>; 2] {
        let [a, b, c] = &self.planes;
        match self.turn {
            0 => [a, b],
            1 => [b, c],
            _ => [c, a],
        }
    }

    /// The masses of this window become those of the last one.
    pub(super) const fn turn(&mut self) {
        self.turn = if self.turn >= 2 { 0 } else { self.turn + 1 };
    }

    /// Clears the share of a row, of so many rows in a window.
    pub(super) fn clear(&mut self, row: u8, rows: u8) {
        let share = TREES * NODES / usize::from(rows).max(1) + 1;
        let all = self.roles().spare.as_flattened_mut();
        let first = (usize::from(row) * share).min(all.len());
        let last = (first + share).min(all.len());
        if let Some(places) = all.get_mut(first..last) {
            places.fill(0);
        }
    }
}
