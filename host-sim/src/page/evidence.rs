//! The evidence of an event, drawn: the rows of a variable around the first one, with what its kind rests on.

use super::plot::{self, HEIGHT, Range, Share, WIDTH, shape};
use super::reel::{Reel, Strip};
use super::view::EvidenceView;
use crate::output::jsonl::name;
use crate::text::number::counted;
use bellwether::kind::{Finding, Kind};
use std::fmt::Write as _;

/// Rows from which a level is told.
const LEVEL: usize = 10;

/// An event as far as it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// First and last row.
    pub ticks: (u64, u64),
    /// Its kind, and the variable that has it; `None`: each.
    pub kind: Option<(Kind, Option<usize>)>,
}

impl Scene {
    /// Of an alarm.
    pub fn of(ticks: (u64, u64), finding: Option<&Finding>) -> Self {
        let kind = finding.map(|of| (of.kind, Some(of.variable.into())));
        Self { ticks, kind }
    }
}

/// A mark: classes and shapes, and its words.
#[derive(Default)]
struct Mark {
    shapes: Vec<(&'static str, String)>,
    said: Vec<String>,
}

/// One variable's rows: a drawing.
struct Sketch<'a> {
    strip: &'a Strip,
    range: Range,
    /// Places of the first and the last row of the event in the strip.
    onset: usize,
    last: usize,
}

impl Sketch<'_> {
    fn value(&self, row: usize) -> Option<f64> {
        let cell = self.strip.cells.get(row)?;
        (!cell.low.is_nan()).then(|| f64::from(cell.low))
    }

    fn x(&self, row: usize) -> f64 {
        (row as f64 + 0.5) / self.strip.cells.len() as f64 * WIDTH
    }

    fn tick(&self, row: usize) -> u64 {
        self.strip.from + row as u64
    }

    /// Left edge and right edge of rows.
    fn edges(&self, first: usize, last: usize) -> (f64, f64) {
        let step = WIDTH / self.strip.cells.len() as f64;
        (first as f64 * step, (last + 1) as f64 * step)
    }

    fn boxed(&self, first: usize, last: usize, (top, height): (f64, f64)) -> String {
        let (from, to) = self.edges(first, last);
        format!("M{from:.1},{top}H{to:.1}v{height}H{from:.1}z")
    }

    /// Mean of the values in rows `first..end`.
    fn level(&self, first: usize, end: usize) -> Option<f64> {
        let values = (first..end).filter_map(|row| self.value(row));
        let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), x| (count + 1, sum + x));
        (count > 0).then(|| sum / f64::from(count))
    }

    /// The row with the largest difference to the one before, near the first row of the event.
    fn jump(&self) -> Option<(usize, f64)> {
        let near = self.onset.saturating_sub(LEVEL).max(1)..=self.onset + LEVEL;
        let jumps = near.filter_map(|row| Some((row, self.value(row)? - self.value(row - 1)?)));
        jumps.reduce(|best, next| match next.1.abs() > best.1.abs() {
            true => next,
            false => best,
        })
    }

    /// The longest run of rows that `goes_on`, from a row to the next.
    fn run(&self, goes_on: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
        let mut longest: Option<(usize, usize)> = None;
        let mut first = None;
        for row in 0..self.strip.cells.len() {
            first = goes_on(row).then(|| first.unwrap_or(row));
            let rows = |(first, last): (usize, usize)| last - first;
            if let Some(first) = first
                && longest.is_none_or(|of| row - first > rows(of))
            {
                longest = Some((first, row));
            }
        }
        longest
    }

    fn mark_jump(&self, mark: &mut Mark) {
        let Some((row, by)) = self.jump() else { return };
        let (Some(before), Some(after)) = (self.value(row - 1), self.value(row)) else {
            return;
        };
        let (from, to) = (self.range.y(before), self.range.y(after));
        let path = format!(
            "M{:.1},{from:.1}L{:.1},{to:.1}",
            self.x(row - 1),
            self.x(row)
        );
        mark.shapes.push(("jump", path));
        let tick = self.tick(row);
        mark.said.push(format!("jump by {by:+.4} at tick {tick}"));
    }

    /// Levels before and after, the latter of rows `from..end`.
    fn mark_levels(&self, mark: &mut Mark, from: usize, end: usize) {
        let near = self.onset.saturating_sub(LEVEL);
        let before = self.level(0, near).or(self.level(0, self.onset));
        let (Some(before), Some(after)) = (before, self.level(from, end)) else {
            return;
        };
        let (low, high) = (self.range.y(before), self.range.y(after));
        let (begin, stop) = (self.edges(0, self.onset).1, self.edges(from, end - 1).1);
        let middle = self.x(from);
        let path = format!("M0,{low:.1}H{begin:.1}M{middle:.1},{high:.1}H{stop:.1}");
        mark.shapes.push(("level", path));
        mark.shapes
            .push(("shift", format!("M{middle:.1},{low:.1}V{high:.1}")));
        mark.said
            .push(format!("level from {before:.4} to {after:.4}"));
    }

    fn mark_run(&self, mark: &mut Mark, (first, last): (usize, usize)) {
        const FOOT: (f64, f64) = (HEIGHT - 12.0, 8.0);
        mark.shapes.push(("run", self.boxed(first, last, FOOT)));
    }

    /// The rows of the event.
    fn mark_event(&self, mark: &mut Mark, said: &str) {
        self.mark_run(mark, (self.onset, self.last));
        mark.said.push(said.to_owned());
    }

    fn mark_stuck(&self, mark: &mut Mark) {
        let same = |row: usize| {
            row > 0
                && self
                    .value(row)
                    .is_some_and(|x| self.value(row - 1) == Some(x))
        };
        if let Some((first, last)) = self.run(same) {
            self.mark_run(mark, (first - 1, last));
            let rows = counted((last + 2 - first) as u64, "row");
            mark.said.push(format!("{rows} of one value"));
        }
    }

    fn mark_gap(&self, mark: &mut Mark) {
        let is_gone = |row: usize| self.value(row).is_none();
        if let Some((first, last)) = self.run(is_gone) {
            self.mark_run(mark, (first, last));
        }
        let gone = (0..self.strip.cells.len()).filter(|row| is_gone(*row));
        let rows = counted(gone.count() as u64, "row");
        mark.said.push(format!("no value in {rows}"));
    }

    fn mark(&self, kind: Kind) -> Mark {
        let mut mark = Mark::default();
        match kind {
            Kind::Jump | Kind::Spike => self.mark_jump(&mut mark),
            Kind::Step => {
                self.mark_jump(&mut mark);
                let from = self.jump().map_or(self.onset, |(row, _)| row);
                self.mark_levels(&mut mark, from, (from + LEVEL).min(self.strip.cells.len()));
            }
            Kind::Drift => {
                let end = self.last + 1;
                self.mark_levels(&mut mark, end.saturating_sub(LEVEL).max(self.onset), end);
            }
            Kind::Noise => self.mark_event(&mut mark, "large differences"),
            Kind::Stuck => self.mark_stuck(&mut mark),
            Kind::Missing => self.mark_gap(&mut mark),
            _ => self.mark_event(&mut mark, "away from the others"),
        }
        mark
    }

    /// Rows without a value, as runs.
    fn gaps(&self) -> String {
        let mut path = String::new();
        let mut first = None;
        for row in 0..=self.strip.cells.len() {
            let is_gone = row < self.strip.cells.len() && self.value(row).is_none();
            match (is_gone, first) {
                (true, None) => first = Some(row),
                (false, Some(from)) => {
                    path += &self.boxed(from, row - 1, (0.0, HEIGHT));
                    first = None;
                }
                _ => {}
            }
        }
        path
    }
}

/// Draws the rows around an event of each variable that was kept, once.
pub fn drawn(
    reel: &Reel,
    variables: &[usize],
    scene: Scene,
    names: &[String],
) -> Vec<EvidenceView> {
    let mut views = Vec::new();
    for (k, variable) in variables.iter().enumerate() {
        let strip = reel.strip(scene.ticks.0, *variable);
        if let Some(strip) = strip.filter(|_| !variables[..k].contains(variable)) {
            views.push(evidence(name(names, *variable), *variable, &strip, scene));
        }
    }
    views
}

/// Draws a variable's rows around an event.
fn evidence(name: &str, variable: usize, strip: &Strip, scene: Scene) -> EvidenceView {
    let rows = strip.cells.len();
    let place = |tick: u64| (tick.saturating_sub(strip.from) as usize).min(rows.saturating_sub(1));
    let sketch = Sketch {
        strip,
        range: Range::of(&strip.cells, Share::BAND),
        onset: place(scene.ticks.0),
        last: place(scene.ticks.1),
    };
    let kind = scene
        .kind
        .filter(|(_, of)| of.is_none_or(|of| of == variable));
    let mark = kind.map_or_else(Mark::default, |(kind, _)| sketch.mark(kind));
    let points = |pick: fn(&super::bins::Cell) -> (f32, f32)| -> Vec<(f64, f32, f32)> {
        let cells = strip.cells.iter().enumerate();
        cells
            .map(|(row, cell)| {
                let (low, high) = pick(cell);
                (sketch.x(row), low, high)
            })
            .collect()
    };
    let mut svg = String::new();
    shape(&mut svg, "blind", &sketch.gaps());
    let whole = (0.0, HEIGHT);
    shape(
        &mut svg,
        "stripe",
        &sketch.boxed(sketch.onset, sketch.last, whole),
    );
    let band = points(|cell| (cell.band_low, cell.band_high));
    shape(&mut svg, "band", &plot::band(&thinned(&band), sketch.range));
    let expected = points(|cell| (cell.expected, cell.expected));
    shape(
        &mut svg,
        "expected",
        &plot::line(&thinned(&expected), sketch.range),
    );
    let value = points(|cell| (cell.low, cell.high));
    shape(&mut svg, "value", &plot::line(&value, sketch.range));
    let mut onset = String::new();
    let _ = write!(
        onset,
        "M{:.1},0V{HEIGHT}",
        sketch.edges(sketch.onset, sketch.onset).0
    );
    shape(&mut svg, "onset", &onset);
    for (class, path) in &mark.shapes {
        shape(&mut svg, class, path);
    }
    let ticks = (strip.from, strip.from + rows.saturating_sub(1) as u64);
    let labels = [sketch.range.high, sketch.range.low].map(|x| axis_label(x, &sketch.range));
    EvidenceView {
        name: name.to_owned(),
        said: mark.said.join(", "),
        ticks,
        labels,
        svg,
    }
}

/// A number with as many digits as the range needs.
fn axis_label(x: f64, range: &Range) -> String {
    let size = range.high - range.low;
    let digits = (2.0 - size.log10().floor()).clamp(0.0, 6.0) as usize;
    match x.abs() < 1e7 {
        true => format!("{x:.digits$}"),
        false => format!("{x:.2e}"),
    }
}

/// Points without those in the middle of equal ones.
fn thinned(points: &[(f64, f32, f32)]) -> Vec<(f64, f32, f32)> {
    let bits = |of: &(f64, f32, f32)| (of.1.to_bits(), of.2.to_bits());
    let runs = points.chunk_by(|a, b| bits(a) == bits(b));
    let ends = runs.flat_map(|run| match run {
        [first, .., last] => vec![*first, *last],
        _ => run.to_vec(),
    });
    ends.collect()
}

#[cfg(test)]
mod tests {
    use super::super::bins::Cell;
    use super::*;

    fn of(kind: Kind) -> Finding {
        Finding {
            kind,
            variable: 1,
            is_final: true,
            is_outside: false,
            jump: 7.0,
            shift: 3.0,
            run: 20,
            gaps: 0.0,
        }
    }

    fn drawn(kind: Kind, value: impl Fn(usize) -> f32) -> EvidenceView {
        let cells = (0..128).map(|row| Cell::ranged(value(row), Some((0.0, 4.0))));
        let strip = Strip {
            from: 1000,
            cells: cells.collect(),
        };
        let scene = Scene::of((1064, 1099), Some(&of(kind)));
        evidence("flow", 1, &strip, scene)
    }

    /// By hand. Broken by a mark at another row, or by levels that mix the rows before and after.
    #[test]
    fn a_step_shows_its_jump_and_both_levels() {
        let step = drawn(Kind::Step, |row| if row < 62 { 2.0 } else { 8.0 });
        assert_eq!(
            step.said,
            "jump by +6.0000 at tick 1062, level from 2.0000 to 8.0000"
        );
        for class in ["stripe", "band", "value", "onset", "jump", "level", "shift"] {
            assert!(step.svg.contains(&format!("class=\"{class}\"")), "{class}");
        }
        assert_eq!(step.ticks, (1000, 1127));
    }

    #[test]
    fn runs_and_gaps_are_marked_with_their_rows() {
        let wave = |row: usize| (row % 5) as f32;
        let stuck = drawn(Kind::Stuck, |row| {
            if (50..80).contains(&row) {
                3.5
            } else {
                wave(row)
            }
        });
        assert_eq!(stuck.said, "30 rows of one value");
        assert!(stuck.svg.contains("class=\"run\" d=\"M312.5,"));
        let gone = |row: usize| {
            if (70..82).contains(&row) {
                f32::NAN
            } else {
                wave(row)
            }
        };
        let missing = drawn(Kind::Missing, gone);
        assert_eq!(missing.said, "no value in 12 rows");
        assert!(missing.svg.contains("class=\"blind\"") && !missing.svg.contains("NaN"));
        let noise = drawn(Kind::Noise, wave);
        assert_eq!(noise.said, "large differences");
        assert!(noise.svg.contains("class=\"run\" d=\"M400.0,116H625.0"));
        let drift = drawn(Kind::Drift, |row| row.saturating_sub(64) as f32);
        assert_eq!(drift.said, "level from 0.0000 to 30.5000");
    }

    /// Broken by the mark of one variable in the drawing of another.
    #[test]
    fn other_variables_have_no_mark() {
        let strip = Strip {
            from: 0,
            cells: vec![Cell::value(1.0); 128],
        };
        let scene = Scene::of((64, 70), Some(&of(Kind::Stuck)));
        let view = evidence("load", 0, &strip, scene);
        assert!(view.said.is_empty() && !view.svg.contains("run"));
    }
}
