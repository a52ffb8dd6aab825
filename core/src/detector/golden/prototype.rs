//! The golden run: mean and deviation of every variable at every position.

use super::row::Row;
use crate::error::SnapshotError;
use crate::math::{abs, sqrt};
use crate::wire::snapshot::{Reader, Writer};

/// Largest magnitude of a value, so that squares of distances are finite.
pub(super) const FAR: f32 = 1e15;
/// Smallest scale of a variable.
const LEAST: f32 = 1e-30;
/// Smallest scale, as a share of the mean.
const SHARE: f32 = 0.001;
/// Weight of a variable's deviation over the whole run, in runs.
const POOLED: f32 = 4.0;
/// Smallest cost of a step that is not one row for one row.
const STEP: f32 = 0.02;
/// Largest squared distance of a variable, in scales.
const CLIP: f32 = 9.0;
/// Largest distance from the band, in deviations.
const MOST: f32 = 1e9;

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Prototype<const V: usize, const P: usize> {
    means: [[f32; V]; P],
    /// Sums of squared distances from the mean.
    squares: [[f32; V]; P],
    /// Runs that a position was learned from.
    counts: [u8; P],
    /// Variance around the means, over all positions; while the first run is recorded, the sum of squared differences
    /// from row to row.
    pooled: [f32; V],
    /// Rows behind it.
    learned: u16,
    /// Mean over the first run.
    centers: [f32; V],
    /// Deviation over the first run; while it is recorded, the sum of squared distances from its mean.
    scales: [f32; V],
    /// √(share that is no noise)/deviation, in the cost of a position.
    weights: [f32; V],
    /// Cost of a step that is not one row for one row.
    pub(super) step: f32,
    pub(super) rows: u16,
    /// Rows of the shortest run.
    pub(super) shortest: u16,
}

impl<const V: usize, const P: usize> Prototype<V, P> {
    pub(super) const NEW: Self = Self {
        means: [[0.0; V]; P],
        squares: [[0.0; V]; P],
        counts: [0; P],
        pooled: [0.0; V],
        learned: 0,
        centers: [0.0; V],
        scales: [0.0; V],
        weights: [0.0; V],
        step: 0.0,
        rows: 0,
        shortest: 0,
    };

    /// Takes up a row of the first run. A variable without a value keeps its last one.
    pub(super) fn record(&mut self, row: u32, values: &Row<V>) {
        if row == 0 {
            (self.centers, self.scales, self.pooled) = ([0.0; V], [0.0; V], [0.0; V]);
        }
        let at = row as usize;
        let before = at.checked_sub(1).and_then(|at| self.means.get(at)).copied();
        let Some(means) = self.means.get_mut(at) else {
            return;
        };
        let before = before.unwrap_or([0.0; V]);
        let variables = means.iter_mut().zip(before).zip(values.iter());
        let sums = self.centers.iter_mut().zip(&mut self.scales);
        let sums = sums.zip(&mut self.pooled);
        for (((mean, before), value), ((center, square), steps)) in variables.zip(sums) {
            let x = value.unwrap_or(before);
            *mean = x;
            if row > 0 {
                *steps += (x - before) * (x - before);
            }
            let off = x - *center;
            *center += off / (row as f32 + 1.0);
            *square += off * (x - *center);
        }
        self.rows = (at as u16).saturating_add(1);
    }

    /// Ends a run of so many rows of so many variables.
    pub(super) fn end(&mut self, rows: u32, variables: u16, is_first: bool) {
        if !is_first {
            self.shortest = rows.min(self.shortest.into()) as u16;
            return;
        }
        self.shortest = self.rows;
        self.counts = [1; P];
        let mut noise = 0.0;
        let sums = self.scales.iter_mut().zip(&mut self.pooled);
        let of = self.centers.iter().zip(&mut self.weights);
        for ((scale, steps), (center, weight)) in sums.zip(of) {
            // Of noise alone, squared differences are twice the variance.
            let all = 2.0 * *scale;
            let share = if *steps < all { *steps / all } else { 1.0 };
            noise += share * (1.0 - share);
            let deviation = sqrt(*scale / f32::from(self.rows.max(1)));
            *scale = deviation.max(SHARE * abs(*center)).max(LEAST);
            *weight = sqrt(1.0 - share) / *scale;
            *steps = 0.0;
        }
        self.step = STEP + noise / f32::from(variables.max(1));
    }

    /// Takes up a row of a later run.
    pub(super) fn learn(&mut self, at: u16, values: &Row<V>) {
        let at = usize::from(at);
        let (Some(means), Some(squares), Some(count)) = (
            self.means.get_mut(at),
            self.squares.get_mut(at),
            self.counts.get_mut(at),
        ) else {
            return;
        };
        *count = count.saturating_add(1);
        self.learned = self.learned.saturating_add(1);
        let places = means.iter_mut().zip(squares).zip(&mut self.pooled);
        for (((mean, square), pooled), value) in places.zip(values.iter()) {
            if let Some(x) = value {
                let off = x - *mean;
                *mean += off / f32::from(*count);
                let step = off * (x - *mean);
                *square += step;
                *pooled += (step - *pooled) / f32::from(self.learned);
            }
        }
    }

    /// The cost of a row at a position: the mean squared distance, in scales.
    pub(super) fn cost(&self, at: usize, values: &Row<V>) -> f32 {
        let Some(means) = self.means.get(at) else {
            return CLIP;
        };
        let variables = values.weighted(&self.weights).zip(means);
        let squares = variables.map(|((x, weight), mean)| {
            let off = (x - mean) * weight;
            (off * off).min(CLIP)
        });
        squares.sum::<f32>() / values.count()
    }

    /// The mean of a variable at a position, and the distance of a value from the range of the means there and beside it,
    /// in deviations; `None` before the golden run, and outside it.
    pub(super) fn distance(&self, at: u16, j: usize, x: f32, least: f32) -> Option<(f32, f32)> {
        let position = usize::from(at);
        let mean = |at: usize| self.means.get(at).and_then(|means| means.get(j)).copied();
        let own = mean(position)?;
        let scale = self.scales.get(j).copied().filter(|scale| *scale > 0.0)?;
        let last = usize::from(self.rows).saturating_sub(1);
        let beside = [position.saturating_sub(1), (position + 1).min(last)];
        let beside = beside.map(|at| mean(at).unwrap_or(own));
        let [low, high] = [
            beside.iter().fold(own, |low, x| low.min(*x)),
            beside.iter().fold(own, |high, x| high.max(*x)),
        ];
        let x = x.clamp(-FAR, FAR);
        let off = (low - x).max(x - high).max(0.0);
        let square = self.squares.get(position)?.get(j)?;
        let runs = f32::from(*self.counts.get(position)?) - 1.0;
        let variance = (square + POOLED * self.pooled.get(j)?) / (runs + POOLED);
        let deviation = sqrt(variance).max(least * scale);
        Some((own, (off / deviation).min(MOST)))
    }

    pub(super) fn save(&self, variables: usize, body: &mut Writer<'_>) {
        body.put(&(self.rows, self.shortest, self.learned, self.step));
        for j in 0..variables {
            let each = [&self.pooled, &self.centers, &self.scales, &self.weights];
            each.iter()
                .filter_map(|of| of.get(j))
                .for_each(|x| body.put(x));
        }
        let positions = self.means.iter().zip(&self.squares).zip(&self.counts);
        for ((means, squares), count) in positions.take(self.rows.into()) {
            body.put(count);
            for pair in means.iter().zip(squares).take(variables) {
                body.put(&pair);
            }
        }
    }

    /// Reads a golden run and returns its rows; it is kept only with `commit`.
    pub(super) fn restore(
        &mut self,
        variables: usize,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<u16, SnapshotError> {
        let far = -FAR..=FAR;
        let some = 0.0..=f32::MAX;
        let (rows, shortest): (u16, u16) = body.take()?;
        let (learned, step): (u16, f32) = body.take()?;
        if usize::from(rows) > P || shortest > rows || !(0.0..=1.0).contains(&step) {
            return Err(body.content());
        }
        let places = self.pooled.iter_mut().zip(&mut self.centers);
        let places = places.zip(self.scales.iter_mut().zip(&mut self.weights));
        for ((pooled_at, center_at), (scale_at, weight_at)) in places.take(variables) {
            let (pooled, center): (f32, f32) = body.take()?;
            let (scale, weight): (f32, f32) = body.take()?;
            let positive = [pooled, scale, weight];
            if !(far.contains(&center) && positive.iter().all(|x| some.contains(x))) {
                return Err(body.content());
            }
            if commit {
                (*pooled_at, *center_at) = (pooled, center);
                (*scale_at, *weight_at) = (scale, weight);
            }
        }
        let positions = self.means.iter_mut().zip(&mut self.squares);
        for ((means, squares), count_at) in positions.zip(&mut self.counts).take(rows.into()) {
            let count = body.take()?;
            for (mean_at, square_at) in means.iter_mut().zip(squares).take(variables) {
                let (mean, square): (f32, f32) = body.take()?;
                if !(far.contains(&mean) && some.contains(&square)) {
                    return Err(body.content());
                }
                if commit {
                    (*mean_at, *square_at) = (mean, square);
                }
            }
            if commit {
                *count_at = count;
            }
        }
        if commit {
            (self.rows, self.shortest) = (rows, shortest);
            (self.learned, self.step) = (learned, step);
        }
        Ok(rows)
    }
}
