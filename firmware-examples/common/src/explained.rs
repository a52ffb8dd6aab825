//! Detectors with their contributions, for a program that runs any of them.

use bellwether::autoencoder::Contribution;
use bellwether::chart::{Chart, Charted, Charts};
use bellwether::consensus::Consensus;
use bellwether::half_space::HalfSpace;
use bellwether::mahalanobis::Mahalanobis;
use bellwether::{Assessment, Detector, Reading, Tick};

/// A detector that names each variable's part in its answer.
pub trait Explained: Detector {
    /// Whether the parts are those of the state that a frame is judged by, not of the state after it.
    const BEFORE: bool = false;

    /// The parts of a frame.
    fn parts(
        &self,
        rules: &Self::Rules<'_>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution>;

    /// An answer with its parts, of up to `V` variables.
    fn explain<const V: usize>(
        &mut self,
        rules: &Self::Rules<'_>,
        tick: Tick,
        frame: &[Reading],
    ) -> (Assessment, [Option<Contribution>; V]) {
        let mut kept = [None; V];
        let mut keep = |state: &Self| {
            let parts = state.parts(rules, frame);
            kept.iter_mut()
                .zip(parts)
                .for_each(|(place, part)| *place = Some(part));
        };
        if Self::BEFORE {
            keep(self);
        }
        let answer = self.observe(rules, tick, frame);
        if !Self::BEFORE {
            keep(self);
        }
        (answer, kept)
    }
}

impl<C: Chart, const V: usize> Explained for Charts<C, V>
where
    C::Settings: Charted<Chart = C>,
{
    fn parts(
        &self,
        rules: &Self::Rules<'_>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> {
        self.contributions(rules, frame)
    }
}

impl<const V: usize> Explained for Mahalanobis<V> {
    fn parts(
        &self,
        rules: &Self::Rules<'_>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> {
        self.contributions(rules, frame)
    }
}

impl<const V: usize, const MODELS: usize> Explained for Consensus<V, MODELS> {
    fn parts(&self, _: &Self::Rules<'_>, frame: &[Reading]) -> impl Iterator<Item = Contribution> {
        self.contributions(frame)
    }
}

impl<const V: usize, const TREES: usize, const NODES: usize> Explained
    for HalfSpace<V, TREES, NODES>
{
    const BEFORE: bool = true;

    fn parts(
        &self,
        rules: &Self::Rules<'_>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> {
        self.contributions(rules, frame)
    }
}
