//! A detector at work on one series.

use super::Series;
use super::peers::Peer;
use super::peers::deviation::Scale;
use super::series::ForwardFill;

/// A detector that was fitted and is given row after row.
pub trait Scorer {
    /// The next row's score: the larger, the more anomalous. NaN is a missing value.
    fn score(&mut self, row: &[f32]) -> f64;

    /// Whether the last row is in alarm by the detector's own threshold; `None` without one.
    fn alarm(&self) -> Option<bool> {
        None
    }

    /// False episodes per 10,000 normal rows that these alarms are meant to keep.
    fn promise(&self) -> f64 {
        1.0
    }

    /// Remarks about the rows so far, in lines; `None` without any.
    fn note(&self) -> Option<String> {
        None
    }

    /// Bytes of all that is kept between rows.
    fn state_bytes(&self) -> usize;
}

/// The use of a detector once it is fitted.
pub type Use<'a> = dyn FnMut(&mut dyn Scorer) + 'a;

/// Values that represent a row of a single variable, for peers that compare variables.
pub(super) const SHINGLE: usize = 8;

/// A peer behind its preprocessing: missing values are forward-filled, rows may be scaled, and a
/// single variable may be replaced by its last values.
#[derive(Debug)]
pub(super) struct ForwardFilled<P> {
    peer: P,
    fill: ForwardFill,
    scale: Option<Scale>,
    shingle: Option<Shingle>,
}

impl<P: Peer> ForwardFilled<P> {
    /// Fits a peer to the rows in front.
    pub(super) fn fitted(series: &Series, peer: P) -> Self {
        Self::with(series, peer, false, false)
    }

    /// The same for a peer that compares variables: a single one is its last [`SHINGLE`] values.
    pub(super) fn compared(series: &Series, peer: P) -> Self {
        Self::with(series, peer, false, series.is_single())
    }

    /// The same with rows in deviations: one scale for all values of a single variable.
    pub(super) fn scaled(series: &Series, peer: P) -> Self {
        Self::with(series, peer, true, series.is_single())
    }

    fn with(series: &Series, peer: P, scaled: bool, shingled: bool) -> Self {
        let shingle = || shingled.then(Shingle::default);
        let mut filled = Self {
            peer,
            fill: series.forward_fill(),
            scale: scaled.then(|| Scale::of(&series.forward_filled()[..series.fit])),
            shingle: shingle(),
        };
        let rows = series.rows[..series.fit].iter();
        let rows: Vec<Vec<f64>> = rows.map(|row| filled.take(row)).collect();
        filled.peer.fit(&rows);
        // What follows begins with the last of these rows again.
        filled.fill = series.forward_fill();
        filled.shingle = shingle();
        for row in &series.rows[..series.begin] {
            filled.take(row);
        }
        filled
    }

    fn take(&mut self, row: &[f32]) -> Vec<f64> {
        let row = self.fill.take(row);
        let row = match &self.scale {
            Some(scale) => scale.apply(row),
            None => row.to_vec(),
        };
        match &mut self.shingle {
            Some(shingle) => shingle.push(row[0]),
            None => row,
        }
    }
}

impl<P: Peer> Scorer for ForwardFilled<P> {
    fn score(&mut self, row: &[f32]) -> f64 {
        let row = self.take(row);
        self.peer.score(&row)
    }

    fn state_bytes(&self) -> usize {
        self.peer.state_bytes()
    }
}

/// The last values of one variable, the oldest first; before there are as many, the first one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shingle(Vec<f64>);

impl Shingle {
    /// Takes a value; the row that stands for it.
    pub(super) fn push(&mut self, x: f64) -> Vec<f64> {
        if self.0.is_empty() {
            self.0 = vec![x; SHINGLE];
        }
        self.0.rotate_left(1);
        self.0[SHINGLE - 1] = x;
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_variable_is_its_last_eight_values() {
        let mut shingle = Shingle::default();
        let rows: Vec<Vec<f64>> = (0..10).map(|x| shingle.push(f64::from(x))).collect();
        assert_eq!(rows[9], [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        assert_eq!(rows[1], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }

    /// Broken by a scale of its own for each of the last values.
    #[test]
    fn a_single_variable_has_one_scale() {
        let series = Series {
            set: String::new(),
            name: String::new(),
            variables: vec!["x".to_owned()],
            rows: (0..400).map(|t| vec![t as f32]).collect(),
            all_labels: vec![false; 400],
            fit: 300,
            begin: 300,
        };
        let filled = ForwardFilled::scaled(&series, Heard::default());
        let rows = filled.peer.0;
        assert!(rows.windows(2).all(|pair| pair[0][1..] == pair[1][..7]));
        assert_eq!(
            rows[149][7], -rows[150][7],
            "about the mean of the rows that fit"
        );
    }

    /// The rows given to a peer.
    #[derive(Default)]
    struct Heard(Vec<Vec<f64>>);

    impl Peer for Heard {
        fn fit(&mut self, rows: &[Vec<f64>]) {
            self.0 = rows.to_vec();
        }

        fn score(&mut self, row: &[f64]) -> f64 {
            self.0.push(row.to_vec());
            row[0]
        }

        fn state_bytes(&self) -> usize {
            0
        }
    }

    /// Broken by a value that is held over from behind the rows that come again.
    #[test]
    fn gaps_hold_the_last_value() {
        let series = Series {
            set: String::new(),
            name: String::new(),
            variables: vec!["x".to_owned()],
            rows: [f32::NAN, 3.0, f32::NAN, 4.0, f32::NAN, 5.0]
                .map(|x| vec![x])
                .to_vec(),
            all_labels: vec![false; 6],
            fit: 4,
            begin: 2,
        };
        let mut filled = ForwardFilled::fitted(&series, Heard::default());
        let scores: Vec<f64> = series.rows[2..]
            .iter()
            .map(|row| filled.score(row))
            .collect();
        assert_eq!(scores, [3.0, 4.0, 4.0, 5.0]);
        let heard: Vec<f64> = filled.peer.0.into_iter().flatten().collect();
        assert_eq!(heard, [3.0, 3.0, 3.0, 4.0, 3.0, 4.0, 4.0, 5.0]);
    }
}
