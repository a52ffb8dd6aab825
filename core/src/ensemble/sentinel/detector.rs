//! Detectors that alarms are made from.

use crate::assessment::Assessment;
use crate::detector::Detector;
use crate::kind::Scales;
use crate::quartet::fitting::Fitting;
use crate::quartet::{Quartet, Rules};
use crate::sample::{Reading, Tick};

/// A detector whose score alarms are made from: near 0 while all is normal, high where something begins.
pub trait Scorer: Detector {
    /// A detector that has seen nothing.
    const NEW: Self;

    /// Rows that it was fitted to; 0 before.
    fn rows(&self) -> u32;

    /// Assesses a frame as [`Detector::observe`]. The second number is the score; `None` if there is none.
    /// Each variable's part in it goes to `parts`, for as many as there is room; they are 0 before.
    fn score(
        &mut self,
        rules: &Self::Rules<'_>,
        tick: Tick,
        frame: &[Reading],
        parts: &mut [f32],
    ) -> (Assessment, Option<f32>);

    /// The scales of its fit, from which alarms get their kinds; none by default.
    fn scales(&self) -> Scales<'_> {
        Scales::NONE
    }
}

impl<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> Scorer for Fitting<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>
{
    const NEW: Self = Self::new();

    fn rows(&self) -> u32 {
        self.quartet().rows()
    }

    fn score(
        &mut self,
        rules: &Self::Rules<'_>,
        tick: Tick,
        frame: &[Reading],
        parts: &mut [f32],
    ) -> (Assessment, Option<f32>) {
        match self.fitted(rules) {
            Some(quartet) => {
                let verdict = quartet.explain(rules.quartet(), tick, frame, parts);
                (verdict.assessment, verdict.score.map(|score| score.onset))
            }
            None => (self.observe(rules, tick, frame), None),
        }
    }

    fn scales(&self) -> Scales<'_> {
        self.quartet().scales()
    }
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> Scorer
    for Quartet<FLOATS, BYTES, DISTANCES>
{
    const NEW: Self = Self::new();

    fn rows(&self) -> u32 {
        self.rows()
    }

    fn score(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        tick: Tick,
        frame: &[Reading],
        parts: &mut [f32],
    ) -> (Assessment, Option<f32>) {
        let verdict = self.explain(rules, tick, frame, parts);
        (verdict.assessment, verdict.score.map(|score| score.onset))
    }

    fn scales(&self) -> Scales<'_> {
        self.scales()
    }
}
