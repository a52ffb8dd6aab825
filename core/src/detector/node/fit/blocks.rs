//! Held-out rows in blocks of 16 or more, and those that are left out.
//!
//! ```text
//! mean of a block      of its rows' onsets
//! left out             the blocks of the largest means, a share of all
//! suspicious           blocks whose mean exceeds four times that of the median block, and 0.3
//! ```

/// Blocks, at most.
const MOST: u32 = 256;
/// Rows of a block, at least.
const LEAST: u32 = 16;
/// A block is suspicious above so many means of the median block, and above this mean onset.
const TIMES: f32 = 4.0;
const FLOOR: f32 = 0.3;

/// Sums of onsets, block by block: 1 KB.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    sums: [f32; MOST as usize],
    /// Rows in all, and of a block; the last one may have fewer.
    rows: u32,
    each: u32,
    /// Blocks of this mean or a larger one are left out.
    cut: f32,
}

impl Blocks {
    /// Of so many rows, none of them left out.
    pub(super) fn of(rows: u32) -> Self {
        Self {
            sums: [0.0; MOST as usize],
            rows,
            each: rows.div_ceil(MOST).max(LEAST),
            cut: f32::INFINITY,
        }
    }

    /// Takes the onset of a row.
    pub(super) fn take(&mut self, row: u32, onset: f32) {
        if let Some(sum) = self.sums.get_mut((row / self.each.max(1)) as usize) {
            *sum += onset;
        }
    }

    /// Rows and mean onset of every block.
    fn blocks(&self) -> impl Iterator<Item = (u32, f32)> + Clone {
        let starts = (0..self.rows).step_by(self.each.max(1) as usize);
        starts.zip(&self.sums).map(|(start, sum)| {
            let rows = self.each.min(self.rows - start);
            (rows, sum / rows as f32)
        })
    }

    /// The mean that a share of the blocks reaches; infinite for none.
    fn reached(&self, share: f32) -> f32 {
        let wanted = (self.blocks().count() as f32 * share + 0.5) as usize;
        let reaching = |least: f32| self.blocks().filter(|(_, mean)| *mean >= least).count();
        let means = self.blocks().map(|(_, mean)| mean);
        let few = means.filter(|mean| reaching(*mean) <= wanted);
        few.fold(f32::INFINITY, f32::min)
    }

    /// Leaves out a share of the blocks.
    pub(super) fn trim(&mut self, share: f32) {
        self.cut = self.reached(share);
    }

    /// Whether a row's block is not left out.
    pub(super) fn keeps(&self, row: u32) -> bool {
        let block = row / self.each.max(1);
        let rows = self.each.min(self.rows.saturating_sub(block * self.each));
        let sum = self.sums.get(block as usize);
        sum.is_none_or(|sum| sum / (rows.max(1) as f32) < self.cut)
    }

    /// Rows that are not left out.
    pub(super) fn kept(&self) -> u32 {
        let kept = self.blocks().filter(|(_, mean)| *mean < self.cut);
        kept.map(|(rows, _)| rows).sum()
    }

    /// Share of the rows in suspicious blocks.
    pub(super) fn suspicious(&self) -> f32 {
        let limit = (TIMES * self.reached(0.5)).max(FLOOR);
        let rows = self.blocks().filter(|(_, mean)| *mean > limit);
        rows.map(|(rows, _)| rows).sum::<u32>() as f32 / self.rows.max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(means: &[f32], rows: u32) -> Blocks {
        let mut blocks = Blocks::of(rows);
        for row in 0..rows {
            blocks.take(row, means[(row / blocks.each) as usize]);
        }
        blocks
    }

    /// By hand: two of ten blocks, the last of four rows.
    #[test]
    fn the_blocks_of_the_largest_means_are_left_out() {
        let mut blocks = blocks(&[0.1, 0.1, 2.0, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 3.0], 148);
        assert_eq!(blocks.kept(), 148);
        blocks.trim(0.15);
        assert_eq!(blocks.kept(), 148 - 16 - 4);
        let left_out: std::vec::Vec<u32> = (0..148).filter(|row| !blocks.keeps(*row)).collect();
        assert_eq!((left_out[0], left_out[15], left_out[16]), (32, 47, 144));
        assert_eq!(blocks.suspicious(), 20.0 / 148.0);
    }

    /// Broken by a block beyond the last one, or by equal means that all go.
    #[test]
    fn many_rows_have_larger_blocks_and_equal_ones_stay() {
        let mut blocks = blocks(&[0.5; 256], 100_001);
        assert_eq!(blocks.each, 391);
        blocks.trim(0.15);
        assert_eq!(blocks.kept(), 100_001);
        assert_eq!(blocks.suspicious(), 0.0);
    }
}
