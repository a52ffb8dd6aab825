//! A quartet, whatever its capacity and wherever it is fitted.

use super::fit::Fitted;
use crate::detect::{FitFile, Lane, roomy};
use anyhow::ensure;
use bellwether::kind::Scales;
use bellwether::quartet::fitting::{self, Fitting};
use bellwether::quartet::{Quartet, Rules, Score, Settings, Shape, Verdict};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{
    Assessment, Detector as _, Reading, Snapshot, State, Tick, fitting_of, quartet_of,
};
use std::convert::Infallible;

/// Capacities that most recordings fit in.
const FEW: u16 = 16;
const MANY: u16 = 128;
const ALL: u16 = MAX_VARIABLES as u16;

/// A quartet that takes its fit first and then judges rows.
pub trait Machine: Send {
    /// Judges a row, with each variable's part in it; before that it takes it for its fit.
    fn take(&mut self, tick: Tick, frame: &[Reading], parts: &mut [f32]) -> Verdict;

    /// Mean of each variable in the fit.
    fn means(&self) -> Vec<f32>;

    /// The lanes behind a score.
    fn lanes(&self, score: &Score) -> Vec<Lane>;

    /// The scales of the fit.
    fn scales(&self) -> Scales<'_>;

    /// Rows that it was fitted to; 0 before.
    fn rows(&self) -> u32;

    /// The snapshot of the quartet; `None` before it is fitted.
    fn snapshot(&self) -> Option<Vec<u8>>;
}

/// The lanes of a quartet behind a score.
fn lanes<const F: usize, const B: usize, const D: usize>(
    quartet: &Quartet<F, B, D>,
    score: &Score,
) -> Vec<Lane> {
    let names = ["short", "long", "difference", "residual"];
    let (usual, surprises) = (quartet.calibration().usual, quartet.surprises(score));
    let lanes = names.into_iter().zip(score.lanes).zip(usual).zip(surprises);
    lanes
        .map(|(((name, value), usual), surprise)| Lane {
            name,
            value,
            usual,
            surprise,
        })
        .collect()
}

/// The snapshot of a fitted quartet.
pub(in crate::detect) fn snapshot<Q: Snapshot>(quartet: &Q, rules: &Q::Rules<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sink = &mut |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok::<(), Infallible>(())
    };
    let written = quartet.save_to(rules, sink);
    written.expect("memory has room");
    bytes
}

/// Keeps the rows in front, and fits to them.
struct Kept<const F: usize, const B: usize, const D: usize> {
    rules: Rules<F, B, D>,
    quartet: Quartet<F, B, D>,
    learn: usize,
    rows: Vec<Vec<f32>>,
}

impl<const F: usize, const B: usize, const D: usize> Kept<F, B, D> {
    /// One of the capacity of a type.
    fn boxed(
        _: Option<Quartet<F, B, D>>,
        settings: Settings,
        learn: u32,
        fit: Option<&FitFile>,
    ) -> anyhow::Result<Box<dyn Machine>> {
        let rules = settings.try_into()?;
        let mut kept = roomy::boxed(move || {
            Box::new(Self {
                rules,
                quartet: Quartet::new(),
                learn: learn as usize,
                rows: Vec::new(),
            })
        })?;
        if let Some(fit) = fit {
            kept.quartet.restore(&kept.rules, &fit.quartet)?;
            ensure!(kept.quartet.rows() > 0, "it holds no fit");
        }
        Ok(kept)
    }
}

impl<const F: usize, const B: usize, const D: usize> Machine for Kept<F, B, D> {
    fn take(&mut self, tick: Tick, frame: &[Reading], parts: &mut [f32]) -> Verdict {
        if self.quartet.is_fitted(&self.rules) {
            return self.quartet.explain(&self.rules, tick, frame, parts);
        }
        let value = |reading: &Reading| reading.usable().unwrap_or(f32::NAN);
        let gone = std::iter::repeat(f32::NAN);
        let row = frame.iter().map(value).chain(gone);
        self.rows.push(row.take(parts.len()).collect());
        let left = self.learn - self.rows.len();
        if left == 0 {
            let shape = self.rules.settings().shape;
            let fitted = Fitted::to(&std::mem::take(&mut self.rows), shape);
            self.quartet
                .load(&self.rules, &fitted.fit())
                .expect("a fit has the lengths of its shape");
        }
        Verdict {
            assessment: Assessment::bare(State::Warming { left: left as u32 }),
            score: None,
        }
    }

    fn means(&self) -> Vec<f32> {
        self.quartet.means().collect()
    }

    fn lanes(&self, score: &Score) -> Vec<Lane> {
        lanes(&self.quartet, score)
    }

    fn scales(&self) -> Scales<'_> {
        self.quartet.scales()
    }

    fn rows(&self) -> u32 {
        self.quartet.rows()
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        let fitted = self.quartet.is_fitted(&self.rules);
        fitted.then(|| snapshot(&self.quartet, &self.rules))
    }
}

/// Fits itself in one pass.
struct OnDevice<
    const F: usize,
    const B: usize,
    const D: usize,
    const V: usize,
    const W: usize,
    const N: usize,
> {
    rules: fitting::Rules<F, B, D, V, W, N>,
    fitting: Fitting<F, B, D, V, W, N>,
}

impl<const F: usize, const B: usize, const D: usize, const V: usize, const W: usize, const N: usize>
    OnDevice<F, B, D, V, W, N>
{
    /// One of the capacity of a type.
    fn boxed(
        _: Option<Fitting<F, B, D, V, W, N>>,
        settings: fitting::Settings,
    ) -> anyhow::Result<Box<dyn Machine>> {
        let rules = settings.try_into()?;
        roomy::boxed(move || -> Box<dyn Machine> {
            let fitting = Fitting::new();
            Box::new(Self { rules, fitting })
        })
    }
}

impl<const F: usize, const B: usize, const D: usize, const V: usize, const W: usize, const N: usize>
    Machine for OnDevice<F, B, D, V, W, N>
{
    fn take(&mut self, tick: Tick, frame: &[Reading], parts: &mut [f32]) -> Verdict {
        match self.fitting.fitted(&self.rules) {
            Some(quartet) => quartet.explain(self.rules.quartet(), tick, frame, parts),
            None => Verdict {
                assessment: self.fitting.observe(&self.rules, tick, frame),
                score: None,
            },
        }
    }

    fn means(&self) -> Vec<f32> {
        self.fitting.quartet().means().collect()
    }

    fn lanes(&self, score: &Score) -> Vec<Lane> {
        lanes(self.fitting.quartet(), score)
    }

    fn scales(&self) -> Scales<'_> {
        self.fitting.quartet().scales()
    }

    fn rows(&self) -> u32 {
        self.fitting.quartet().rows()
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        let fitted = self.fitting.is_fitted(&self.rules);
        fitted.then(|| snapshot(self.fitting.quartet(), self.rules.quartet()))
    }
}

/// The shape's number in a snapshot, which is the same for every capacity.
///
/// # Errors
/// The shape is none.
pub fn number(shape: Shape) -> anyhow::Result<u32> {
    type Any = quartet_of!(Shape::new(ALL));
    Ok(Any::shape(&Settings::new(shape).try_into()?))
}

/// One that is fitted to `learn` rows, or that starts from a fit, with a capacity that holds its shape.
///
/// # Errors
/// A setting is out of range, or the fit is refused.
pub fn boxed(
    settings: Settings,
    learn: u32,
    on_device: bool,
    fit: Option<&FitFile>,
) -> anyhow::Result<Box<dyn Machine>> {
    let capacity = [FEW, MANY, ALL];
    let capacity = capacity
        .into_iter()
        .find(|n| settings.shape.variables <= *n);
    if on_device && fit.is_none() {
        let settings = fitting::Settings {
            quartet: settings,
            rows: learn,
        };
        return match (settings.quartet.shape.learns(), capacity) {
            (true, Some(FEW)) => OnDevice::boxed(None::<fitting_of!(Shape::new(FEW))>, settings),
            (true, Some(MANY)) => OnDevice::boxed(None::<fitting_of!(Shape::new(MANY))>, settings),
            (true, _) => OnDevice::boxed(None::<fitting_of!(Shape::new(ALL))>, settings),
            (_, Some(FEW)) => OnDevice::boxed(None::<fitting_of!(Shape::small(FEW))>, settings),
            (_, Some(MANY)) => OnDevice::boxed(None::<fitting_of!(Shape::small(MANY))>, settings),
            _ => OnDevice::boxed(None::<fitting_of!(Shape::small(ALL))>, settings),
        };
    }
    match capacity {
        Some(FEW) => Kept::boxed(None::<quartet_of!(Shape::new(FEW))>, settings, learn, fit),
        Some(MANY) => Kept::boxed(None::<quartet_of!(Shape::new(MANY))>, settings, learn, fit),
        _ => Kept::boxed(None::<quartet_of!(Shape::new(ALL))>, settings, learn, fit),
    }
}
