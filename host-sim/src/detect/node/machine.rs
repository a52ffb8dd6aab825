//! A node, whatever its lanes and its capacity.

use super::options::{KEPT, Options};
use crate::detect::quartet::fit::Fitted;
use crate::detect::quartet::machine::snapshot;
use crate::detect::{Contribution, FitFile, roomy};
use anyhow::{Context, ensure};
use bellwether::node::fit::Work;
use bellwether::node::moving::{Model, Rules};
use bellwether::node::{
    Confidence, Doubt, Lanes, Moving, Node, Pairs, Settings, Variables as _, Verdict, Wide, moving,
    wide,
};
use bellwether::quartet::{self, Quartet, Shape};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Assessment, Reading, SettingsError, Snapshot, State, Tick, quartet_of};

/// Fewest rows of a fit.
pub const FEWEST: u32 = 20;
/// Most variables for which the lanes of a quartet are the default.
const NARROW: usize = 32;
/// Rows that a threshold can be told from.
const TELLING: u32 = 300;
/// Capacities.
const FEW: usize = 16;
const MANY: usize = 128;

/// The lanes of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Those of a tiny quartet.
    Tiny,
    /// Those of wide rows.
    Wide,
}

impl Preset {
    /// The default for a number of variables.
    pub const fn of(variables: usize) -> Self {
        if variables <= NARROW {
            Self::Tiny
        } else {
            Self::Wide
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Wide => "wide",
        }
    }

    /// Bytes of state on a device.
    pub const fn state_bytes(self, variables: usize) -> usize {
        // Of two variables padding is that of every even number, of one that of every odd one.
        const ONE: usize = size_of::<Node<Wide<1>, 1>>();
        const TWO: usize = size_of::<Node<Wide<2>, 2>>();
        const EACH: usize = (size_of::<Node<Wide<3>, 3>>() - ONE) / 2;
        match self {
            Self::Tiny => {
                const LESS: usize = size_of::<Node<Quartet<0, 0, 0>, 8>>();
                const MORE: usize = size_of::<Node<Quartet<0, 0, 0>, 16>>();
                let factor = LESS - size_of::<Quartet<0, 0, 0>>();
                let each = (MORE - LESS) / 8;
                let quartet = Shape::tiny(variables as u16).state_bytes();
                quartet + factor + each * variables - 8 * each
            }
            Self::Wide if variables % 2 == 1 => ONE + EACH * (variables - 1),
            Self::Wide => TWO + EACH * variables - 2 * EACH,
        }
    }

    /// The shape's number in a snapshot, which is the same for every capacity.
    ///
    /// # Errors
    /// There are too many variables.
    pub fn number(self, variables: usize) -> anyhow::Result<u32> {
        type OfTiny = Node<quartet_of!(Shape::tiny(MAX_VARIABLES as u16)), MAX_VARIABLES>;
        type OfWide = Node<Wide<MAX_VARIABLES>, MAX_VARIABLES>;
        let variables = u16::try_from(variables)?;
        Ok(match self {
            Self::Tiny => OfTiny::shape(&tiny(variables).try_into()?),
            Self::Wide => OfWide::shape(&wide(variables).try_into()?),
        })
    }
}

fn tiny(variables: u16) -> Settings<quartet::Settings> {
    Settings::new(quartet::Settings::new(Shape::tiny(variables)))
}

fn wide(variables: u16) -> Settings<wide::Settings> {
    Settings::new(wide::Settings { variables })
}

/// A node that takes its fit first and then judges rows.
pub trait Machine: Send {
    /// Judges a row; before that it takes it for its fit.
    fn take(&mut self, tick: Tick, frame: &[Reading]) -> Verdict;

    /// The surprise of each variable in the last row.
    fn surprises(&self) -> Vec<f32>;

    /// Variables of the last row that most of their partners disagree with, the largest vote first; none from a
    /// fit in a file, which has no partners.
    fn blamed(&self, readings: &[Reading]) -> Vec<Contribution>;

    /// Mean of each variable in the fit.
    fn means(&self) -> Vec<f32>;

    /// Score above which a row is anomalous.
    fn threshold(&self) -> f32;

    /// A remark about the fit.
    fn note(&self) -> Option<String>;

    /// The snapshot; `None` before it is fitted.
    fn snapshot(&self) -> Option<Vec<u8>>;
}

/// Lanes that a PC may have to fit first.
pub(super) trait Prepare: Lanes {
    /// Fits to rows, unless a node does it.
    fn prepare(&mut self, rules: &Self::Rules, rows: &[Vec<f32>]) -> Result<(), SettingsError>;
}

impl<const V: usize> Prepare for Wide<V> {
    fn prepare(&mut self, _: &Self::Rules, _: &[Vec<f32>]) -> Result<(), SettingsError> {
        Ok(())
    }
}

impl<const F: usize, const B: usize, const D: usize> Prepare for Quartet<F, B, D> {
    fn prepare(&mut self, rules: &Self::Rules, rows: &[Vec<f32>]) -> Result<(), SettingsError> {
        let fitted = Fitted::to(rows, rules.settings().shape);
        self.load(rules, &fitted.fit())
    }
}

/// Keeps the rows in front, and fits to them.
struct Kept<L: Lanes, const V: usize> {
    rules: Rules<L::Rules, V, KEPT>,
    node: Moving<L, V, KEPT>,
    /// Those of the first model.
    pairs: Box<Pairs<V>>,
    learn: usize,
    rows: Vec<Vec<f32>>,
    /// Whether a new normal is accepted, and the fits to one so far, each with the tick it was made at.
    accepts: bool,
    accepted: Vec<Tick>,
    confidence: Option<Confidence>,
    names: Vec<String>,
}

impl<L, const V: usize> Kept<L, V>
where
    L: Prepare + Send + 'static,
    L::Rules: Send + 'static,
{
    /// One of the capacity of a type.
    fn boxed(
        _: Option<Node<L, V>>,
        node: Settings<L::Settings>,
        options: &Options,
        names: &[String],
        fit: Option<&FitFile>,
    ) -> anyhow::Result<Box<dyn Machine>> {
        let accept = options.accept.unwrap_or(KEPT as u32);
        let rules = moving::Settings { node, accept }.try_into()?;
        let (learn, accepts) = (options.learn as usize, options.accept.is_some());
        let names = names.to_vec();
        let mut kept = roomy::boxed(move || {
            Box::new(Self {
                rules,
                node: Moving::new(),
                pairs: Box::new(Pairs::new()),
                learn,
                rows: Vec::new(),
                accepts,
                accepted: Vec::new(),
                confidence: None,
                names,
            })
        })?;
        if let Some(fit) = fit {
            let Self { rules, node, .. } = &mut *kept;
            node.first().restore(rules.node(), &fit.quartet)?;
            ensure!(node.first().rows() > 0, "it holds no fit");
        }
        Ok(kept)
    }
}

impl<L, const V: usize> Kept<L, V>
where
    L: Prepare,
{
    /// Fits the second model to what has lasted.
    fn accept(&mut self, tick: Tick) {
        let (lanes, last) = self.node.to_accept();
        let rows: Vec<Vec<f32>> = (0..last.rows()).map(|k| last.row(k).to_vec()).collect();
        let first = &rows[..rows.len() * 4 / 5];
        let lanes = lanes.prepare(self.rules.node().lanes(), first);
        let mut work = Box::new(Work::new());
        let fitted = lanes.and_then(|()| self.node.accept(&self.rules, &mut work));
        fitted.expect("a fit of as many rows as were checked");
        self.accepted.push(tick);
    }
}

impl<L, const V: usize> Machine for Kept<L, V>
where
    L: Prepare + Send,
    L::Rules: Send,
{
    fn take(&mut self, tick: Tick, frame: &[Reading]) -> Verdict {
        if self.node.first().is_fitted(self.rules.node()) {
            let verdict = self.node.decide(&self.rules, tick, frame);
            if self.accepts && self.node.is_due(&self.rules) {
                self.accept(tick);
            }
            return verdict;
        }
        let value = |reading: &Reading| reading.usable().unwrap_or(f32::NAN);
        let gone = std::iter::repeat(f32::NAN);
        let row = frame.iter().map(value).chain(gone);
        let variables = self.rules.node().lanes().variables();
        self.rows.push(row.take(variables).collect());
        let left = self.learn - self.rows.len();
        if left == 0 {
            let rows = std::mem::take(&mut self.rows);
            let first = &rows[..rows.len() * 4 / 5];
            let lanes = self.node.first().lanes();
            let lanes = lanes.prepare(self.rules.node().lanes(), first);
            let mut work = Box::new(Work::new());
            let fitted = lanes.and_then(|()| {
                let rows = &mut rows.as_slice();
                let confidence = self.node.fit(&self.rules, rows, &mut work)?;
                let first = self.node.model(Model::First);
                self.pairs.fit(first, rows, &mut work);
                Ok(confidence)
            });
            let confidence = fitted.expect("a fit of as many rows as were checked");
            self.confidence = Some(confidence);
        }
        Verdict {
            assessment: Assessment::bare(State::Warming { left: left as u32 }),
            score: None,
        }
    }

    fn surprises(&self) -> Vec<f32> {
        self.node.model(self.node.counted()).surprises().collect()
    }

    fn blamed(&self, readings: &[Reading]) -> Vec<Contribution> {
        let first = self.node.model(Model::First);
        let blamed = self.pairs.blamed(first);
        let blamed = blamed.filter_map(|of| {
            Some(Contribution {
                variable: of.variable,
                back: 0,
                value: readings.get(of.variable)?.usable().ok()?,
                expected: self.pairs.expected(first, of.variable)?,
                error: of.vote,
            })
        });
        let mut blamed: Vec<Contribution> = blamed.collect();
        blamed.sort_by(|a, b| b.error.total_cmp(&a.error));
        blamed
    }

    fn means(&self) -> Vec<f32> {
        self.node.model(self.node.counted()).means().collect()
    }

    fn threshold(&self) -> f32 {
        self.node.model(Model::First).threshold(self.rules.node())
    }

    fn note(&self) -> Option<String> {
        let mut lines = Vec::new();
        let held_out = self.node.model(Model::First).held_out();
        if self.rules.node().threshold().is_none() && (1..TELLING).contains(&held_out) {
            lines.push(format!(
                "the last fifth of the fit has {held_out} rows: fewer than {TELLING} tell no threshold, and 2 \
                 takes its place"
            ));
        }
        let doubts = self.confidence.iter().flat_map(Confidence::doubts);
        lines.extend(doubts.filter_map(|doubt| match doubt {
            Doubt::HeldOut(_) => None,
            Doubt::Suspicious(_) => Some(format!(
                "the fit: {doubt} (--set trim=0.15 leaves such rows out)"
            )),
            Doubt::Drift(variable, deviations) => Some(format!(
                "the fit: {} has moved by {deviations:.1} deviations in the last fifth",
                self.names.get(usize::from(variable)).map_or("a variable", String::as_str)
            )),
            Doubt::Constant(_) | Doubt::Missing(_) => Some(format!("the fit: {doubt}")),
        }));
        let accepted = self.accepted.iter();
        lines.extend(accepted.map(|tick| {
            format!(
                "a new normal was accepted at row {}: alarms had lasted for accept={} rows",
                tick.0,
                self.rules.accept()
            )
        }));
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn snapshot(&self) -> Option<Vec<u8>> {
        let first = self.node.model(Model::First);
        let fitted = first.is_fitted(self.rules.node());
        fitted.then(|| snapshot(first, self.rules.node()))
    }
}

/// One that is fitted to the rows in front, or that starts from a fit, with a capacity that holds the variables.
///
/// # Errors
/// A setting is out of range, or the fit is refused.
pub fn boxed(
    options: &Options,
    names: &[String],
    fit: Option<&FitFile>,
) -> anyhow::Result<Box<dyn Machine>> {
    type Tiny<const V: usize, const F: usize, const B: usize> = Node<Quartet<F, B, 0>, V>;
    const fn shape(variables: usize) -> Shape {
        Shape::tiny(variables as u16)
    }
    macro_rules! tiny_of {
        ($variables:expr) => {
            None::<
                Tiny<{ $variables }, { shape($variables).floats() }, { shape($variables).bytes() }>,
            >
        };
    }
    let variables = names.len();
    let count = u16::try_from(variables)?;
    let Options {
        threshold,
        follow,
        trim,
        learn,
        ..
    } = *options;
    let machine = match options.preset(variables) {
        Preset::Tiny => {
            let settings = Settings {
                threshold,
                follow,
                trim,
                ..tiny(count)
            };
            match variables {
                count if count <= FEW => Kept::boxed(tiny_of!(FEW), settings, options, names, fit),
                count if count <= MANY => {
                    Kept::boxed(tiny_of!(MANY), settings, options, names, fit)
                }
                _ => Kept::boxed(tiny_of!(MAX_VARIABLES), settings, options, names, fit),
            }
        }
        Preset::Wide => {
            let settings = Settings {
                threshold,
                follow,
                trim,
                ..wide(count)
            };
            match variables {
                count if count <= FEW => {
                    Kept::boxed(None::<Node<Wide<FEW>, FEW>>, settings, options, names, fit)
                }
                count if count <= MANY => Kept::boxed(
                    None::<Node<Wide<MANY>, MANY>>,
                    settings,
                    options,
                    names,
                    fit,
                ),
                _ => Kept::boxed(
                    None::<Node<Wide<MAX_VARIABLES>, MAX_VARIABLES>>,
                    settings,
                    options,
                    names,
                    fit,
                ),
            }
        }
    };
    machine.with_context(|| match fit {
        Some(_) => "--fit".to_owned(),
        None => format!("learn={learn}"),
    })
}
