//! A fitted model of a group: a node with wide lanes and its pairs, of the smallest capacity that holds the group.

use anyhow::anyhow;
use bellwether::node::fit::{Rows, Work};
use bellwether::node::{Blame, Confidence, Node, Pairs, Rules, Settings, Verdict, Wide, wide};
use bellwether::{Reading, Snapshot, SnapshotError, Tick};

/// A fit.
pub trait Model: Send {
    /// Judges a frame.
    fn take(&mut self, tick: Tick, frame: &[Reading]) -> Verdict;

    /// The surprise of each variable in the last frame, given all others.
    fn surprises(&self) -> Vec<f32>;

    /// Variables of the last frame that most of their partners disagree with, the largest vote first.
    fn blamed(&self) -> Vec<Blame>;

    /// The value that the partners of a variable say it has; its mean, if it has none.
    fn expected(&self, variable: usize) -> Option<f32>;

    /// Frames of the fit, and those that limits come from.
    fn rows(&self) -> (u32, u32);

    /// Bytes of state.
    fn bytes(&self) -> usize;

    /// Appends the state.
    fn save(&self) -> Saved;
}

/// Bytes of a model.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Saved {
    node: Vec<u8>,
    pairs: Vec<u8>,
}

/// One of a capacity.
struct Sized<const V: usize> {
    rules: Rules<wide::Rules<V>, V>,
    node: Node<Wide<V>, V>,
    pairs: Pairs<V>,
    variables: usize,
}

impl<const V: usize> Sized<V> {
    fn boxed(variables: usize, trim: f32) -> anyhow::Result<Box<Self>> {
        let lanes = wide::Settings {
            variables: u16::try_from(variables)?,
        };
        let settings = Settings {
            trim,
            ..Settings::new(lanes)
        };
        Ok(Box::new(Self {
            rules: settings.try_into()?,
            node: Node::new(),
            pairs: Pairs::new(),
            variables,
        }))
    }
}

impl<const V: usize> Model for Sized<V> {
    fn take(&mut self, tick: Tick, frame: &[Reading]) -> Verdict {
        self.node.decide(&self.rules, tick, frame)
    }

    fn surprises(&self) -> Vec<f32> {
        self.node.surprises().take(self.variables).collect()
    }

    fn blamed(&self) -> Vec<Blame> {
        let mut blamed: Vec<Blame> = self.pairs.blamed(&self.node).collect();
        blamed.sort_by(|a, b| b.vote.total_cmp(&a.vote));
        blamed
    }

    fn expected(&self, variable: usize) -> Option<f32> {
        let said = self.pairs.expected(&self.node, variable);
        said.or_else(|| self.node.means().nth(variable))
    }

    fn rows(&self) -> (u32, u32) {
        (self.node.rows(), self.node.held_out())
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn save(&self) -> Saved {
        let mut saved = Saved {
            node: vec![0; <Node<Wide<V>, V> as Snapshot>::SNAPSHOT_MAX],
            pairs: vec![0; Pairs::<V>::SNAPSHOT_MAX],
        };
        let node = self.node.save(&self.rules, &mut saved.node);
        let pairs = self.pairs.save(&mut saved.pairs);
        saved.node.truncate(node.unwrap_or(0));
        saved.pairs.truncate(pairs.unwrap_or(0));
        saved
    }
}

/// Something that is made with a capacity.
pub(super) trait Make {
    type Made;
    fn make<const V: usize>(self, variables: usize) -> anyhow::Result<Self::Made>;
}

/// Makes it with the smallest capacity for a number of variables.
pub(super) fn make<M: Make>(maker: M, variables: usize) -> anyhow::Result<M::Made> {
    match variables {
        0..=16 => maker.make::<16>(variables),
        17..=32 => maker.make::<32>(variables),
        33..=64 => maker.make::<64>(variables),
        65..=96 => maker.make::<96>(variables),
        97..=128 => maker.make::<128>(variables),
        129..=192 => maker.make::<192>(variables),
        193..=256 => maker.make::<256>(variables),
        257..=384 => maker.make::<384>(variables),
        _ => maker.make::<512>(variables),
    }
}

struct Fit<R> {
    rows: R,
    trim: f32,
}

impl<R: Rows> Make for Fit<R> {
    type Made = (Box<dyn Model>, Confidence);

    fn make<const V: usize>(mut self, variables: usize) -> anyhow::Result<Self::Made> {
        let mut model = Sized::<V>::boxed(variables, self.trim)?;
        let mut work = Box::new(Work::new());
        let Sized {
            rules, node, pairs, ..
        } = &mut *model;
        let fitted = node.fit(rules, &mut self.rows, &mut work);
        let confidence = fitted.map_err(|error| anyhow!("the fit: {error}"))?;
        pairs.fit(node, &mut self.rows, &mut work);
        Ok((model, confidence))
    }
}

/// Fits a model to rows.
///
/// # Errors
/// There are too few rows, or too many variables.
pub fn fit(
    variables: usize,
    trim: f32,
    rows: impl Rows,
) -> anyhow::Result<(Box<dyn Model>, Confidence)> {
    make(Fit { rows, trim }, variables)
}

struct Restore<'a>(&'a Saved);

impl Make for Restore<'_> {
    type Made = Box<dyn Model>;

    fn make<const V: usize>(self, variables: usize) -> anyhow::Result<Self::Made> {
        let refused = |error: SnapshotError| anyhow!("a saved model: {error}");
        let mut model = Sized::<V>::boxed(variables, 0.0)?;
        let Sized {
            rules, node, pairs, ..
        } = &mut *model;
        node.restore(rules, &self.0.node).map_err(refused)?;
        pairs.restore(&self.0.pairs).map_err(refused)?;
        anyhow::ensure!(node.is_fitted(rules), "a saved model without a fit");
        Ok(model)
    }
}

/// A model from its bytes.
///
/// # Errors
/// They are damaged, or of another number of variables.
pub fn restore(variables: usize, saved: &Saved) -> anyhow::Result<Box<dyn Model>> {
    make(Restore(saved), variables)
}
