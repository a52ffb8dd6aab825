//! Plots as SVG, drawn once for readers without scripts. The page's script draws the same shapes
//! again at the visible size and range: `templates/report.js` has the same constants and rules,
//! copied by hand.
//!
//! Strokes do not scale, so a plot may be stretched: markers are strokes without length, round
//! or square by their caps.

use super::axis::Tick;
use super::bins::{Bins, Cell};
use super::spans::{Mark, Span, Spans, What};
use bellwether::health::Symptom;
use bellwether::report::Outcome;
use std::fmt::Write as _;

/// Columns of a static plot.
pub const WIDTH: f64 = 800.0;
/// Height of a plot in pixels, on any screen.
pub const HEIGHT: f64 = 128.0;
/// First and last line of the values' area: above it flags, below it labels.
const AREA: (f64, f64) = (12.0, 114.0);
/// Top of the strip of labels, and its height.
const LABELS: (f64, f64) = (119.0, 7.0);
/// Height of the strip of flags.
const FLAGS: f64 = 7.0;

/// Largest enlargement of the values' range by the band, at either side, as a share of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

impl Share {
    /// For an expected band, which may be far wider than the values.
    pub const BAND: Self = Self(0.35);
    /// No limit: a threshold must be visible.
    pub const WHOLE: Self = Self(f64::INFINITY);
}
/// Narrowest interval, in columns.
const NARROWEST: f64 = 2.0;

/// Values from bottom to top of a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Bottom.
    pub low: f64,
    /// Top.
    pub high: f64,
}

impl Range {
    /// The range of these cells: all values, and the band as far as it does not dwarf them.
    pub fn of(cells: &[Cell], Share(share): Share) -> Self {
        let fold = |pick: fn(&Cell) -> f32, fold: fn(f32, f32) -> f32| {
            f64::from(cells.iter().map(pick).fold(f32::NAN, fold))
        };
        let (low, high) = (fold(|c| c.low, f32::min), fold(|c| c.high, f32::max));
        if low.is_nan() {
            return Self {
                low: 0.0,
                high: 1.0,
            };
        }
        let size = high - low;
        let size = if size > 0.0 {
            size
        } else {
            (0.05 * high.abs()).max(0.5)
        };
        let band_low = fold(|c| c.band_low, f32::min).clamp(low - share * size, low);
        let band_high = fold(|c| c.band_high, f32::max).clamp(high, high + share * size);
        let low = if band_low.is_nan() { low } else { band_low };
        let high = if band_high.is_nan() { high } else { band_high };
        Self {
            low: low - 0.06 * size,
            high: high + 0.06 * size,
        }
    }

    /// Vertical position of a value, clipped at the area's edges.
    pub fn y(&self, value: f64) -> f64 {
        let (top, bottom) = AREA;
        let share = (value - self.low) / (self.high - self.low);
        (bottom - share * (bottom - top)).clamp(top, bottom)
    }
}

/// Smallest and largest per column of a static plot.
struct Columns {
    value: Vec<(f64, f32, f32)>,
    band: Vec<(f64, f32, f32)>,
}

/// A NaN is a gap; one column is as wide as `rows / WIDTH` rows.
fn columns(cells: &[Cell], width: u64, rows: u64) -> Columns {
    let place = |k: usize| {
        let first = k as u64 * width;
        let middle = (first + (first + width).min(rows)) as f64 / 2.0;
        middle / rows as f64 * WIDTH
    };
    let wanted = cells.len() as f64 > WIDTH;
    let gather = |pick: fn(&Cell) -> (f32, f32)| {
        let mut out: Vec<(f64, f32, f32)> = Vec::new();
        for (k, cell) in cells.iter().enumerate() {
            let (x, (low, high)) = (place(k), pick(cell));
            match out.last_mut() {
                Some((at, a, b)) if wanted && at.floor() == x.floor() => {
                    (*a, *b) = (a.min(low), b.max(high));
                }
                _ => out.push((x, low, high)),
            }
        }
        out
    };
    Columns {
        value: gather(|c| (c.low, c.high)),
        band: gather(|c| (c.band_low, c.band_high)),
    }
}

/// Points as a line, from the smallest to the largest value of each; a NaN is a gap.
pub(super) fn line(points: &[(f64, f32, f32)], range: Range) -> String {
    let mut path = String::new();
    let mut pen: Option<f64> = None;
    for (x, low, high) in points {
        if low.is_nan() {
            pen = None;
            continue;
        }
        let (bottom, top) = (range.y(f64::from(*low)), range.y(f64::from(*high)));
        let (near, far) = match pen {
            Some(y) if (y - top).abs() < (y - bottom).abs() => (top, bottom),
            _ => (bottom, top),
        };
        let command = if pen.is_some() { 'L' } else { 'M' };
        let _ = write!(path, "{command}{x:.1},{near:.1}");
        if bottom - top >= 0.1 {
            let _ = write!(path, "V{far:.1}");
        } else if pen.is_none() {
            path.push_str("h0");
        }
        pen = Some(far);
    }
    path
}

/// The area between the smallest and the largest values.
pub(super) fn band(points: &[(f64, f32, f32)], range: Range) -> String {
    let mut path = String::new();
    for run in points.split(|(_, low, _)| low.is_nan()) {
        let upper = run.iter().map(|(x, _, high)| (x, high));
        let lower = run.iter().rev().map(|(x, low, _)| (x, low));
        for (k, (x, value)) in upper.chain(lower).enumerate() {
            let command = if k == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{command}{x:.1},{:.1}", range.y(f64::from(*value)));
        }
        if !run.is_empty() {
            path.push('Z');
        }
    }
    path
}

/// Left edge and width of rows first to last.
fn extent(first: u64, last: u64, rows: u64) -> (f64, f64) {
    let x = first as f64 / rows as f64 * WIDTH;
    let width = (last + 1 - first) as f64 / rows as f64 * WIDTH;
    (x, width.max(NARROWEST))
}

fn boxes(list: impl Iterator<Item = (u64, u64)>, (y, height): (f64, f64), rows: u64) -> String {
    let mut path = String::new();
    let mut end = f64::NEG_INFINITY;
    for (first, last) in list {
        let (x, width) = extent(first, last, rows);
        if x + width > end {
            let _ = write!(path, "M{x:.1},{y}h{width:.1}v{height}h-{width:.1}z");
            end = x + width;
        }
    }
    path
}

fn dots(marks: &[Mark], what: What, range: Range, rows: u64) -> String {
    let mut path = String::new();
    let mut last = None;
    for mark in marks.iter().filter(|mark| mark.what == what) {
        let x = (mark.tick as f64 + 0.5) / rows as f64 * WIDTH;
        let y = range.y(f64::from(mark.value));
        let place = (x.round() as i64, y.round() as i64);
        if last != Some(place) {
            let _ = write!(path, "M{x:.1},{y:.1}h0");
            last = Some(place);
        }
    }
    path
}

/// Anomalies, weak to strong: later ones are drawn on top.
const FLAGGED: [What; 7] = [
    What::Odd(Symptom::Range),
    What::Odd(Symptom::Rate),
    What::Flagged(Outcome::Local),
    What::Flagged(Outcome::Outvoted),
    What::Flagged(Outcome::Agreeing),
    What::Flagged(Outcome::Confirmed),
    What::Anomalous,
];

/// Anomalies drawn as stripes over the whole height.
const STRIPED: [What; 2] = [What::Flagged(Outcome::Confirmed), What::Anomalous];

/// A path of a class, unless it is empty.
pub(super) fn shape(out: &mut String, class: &str, path: &str) {
    if !path.is_empty() {
        let _ = write!(out, r#"<path class="{class}" d="{path}"/>"#);
    }
}

/// The inside of one variable's `<svg>`, with grid lines at ticks of values and of rows.
pub fn variable(
    bins: &Bins,
    index: usize,
    spans: &Spans,
    labels: &[(u64, u64)],
    range: Range,
    across: &[Tick],
    down: &[Tick],
) -> String {
    let (rows, width) = (bins.rows(), bins.width());
    let cells = bins.cells().get(index).map_or(&[][..], Vec::as_slice);
    let (top, bottom) = AREA;
    let mut out = String::new();
    let runs = |wanted: &dyn Fn(&Span) -> bool| {
        let chosen: Vec<(u64, u64)> = spans
            .runs
            .iter()
            .filter(|run| wanted(run))
            .map(|run| (run.first, run.last))
            .collect();
        chosen
    };
    let of = |what| runs(&|run| run.what == what).into_iter();
    // A gap that is not half a column wide cannot be seen.
    let seen = (0.5 / WIDTH * rows as f64).ceil() as u64;
    let blind = runs(&|run| run.what.is_blind() && !run.is_gap_within(seen));
    let mut grid = String::new();
    for tick in across {
        let _ = write!(grid, "M0,{:.1}H{WIDTH}", range.y(tick.at));
    }
    for tick in down {
        let x = tick.at / rows as f64 * WIDTH;
        let _ = write!(grid, "M{x:.1},{top}V{bottom}");
    }
    shape(&mut out, "grid", &grid);
    let area = (top, bottom - top);
    shape(&mut out, "blind", &boxes(blind.into_iter(), area, rows));
    let whole = (0.0, bottom);
    let striped = runs(&|run| STRIPED.contains(&run.what)).into_iter();
    shape(&mut out, "stripe", &boxes(striped, whole, rows));
    let columns = columns(cells, width, rows);
    shape(&mut out, "band", &band(&columns.band, range));
    shape(&mut out, "value", &line(&columns.value, range));
    for what in FLAGGED {
        let name = what.name();
        shape(
            &mut out,
            &format!("flag {name}"),
            &boxes(of(what), (0.0, FLAGS), rows),
        );
        let path = dots(&spans.marks, what, range, rows);
        shape(&mut out, &format!("dot {name}"), &path);
        shape(&mut out, &format!("hole {name}"), &path);
    }
    shape(
        &mut out,
        "label",
        &boxes(labels.iter().copied(), LABELS, rows),
    );
    out
}

/// The inside of the overview's `<svg>`: confirmed, flagged and labelled intervals.
pub fn overview(
    confirmed: &[(u64, u64)],
    flagged: &[(u64, u64)],
    labels: &[(u64, u64)],
    rows: u64,
) -> String {
    let mut out = String::new();
    shape(
        &mut out,
        "other",
        &boxes(flagged.iter().copied(), (10.0, 10.0), rows),
    );
    shape(
        &mut out,
        "sure",
        &boxes(confirmed.iter().copied(), (2.0, 18.0), rows),
    );
    shape(
        &mut out,
        "label",
        &boxes(labels.iter().copied(), (23.0, 6.0), rows),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(low: f32, high: f32, band: (f32, f32)) -> Cell {
        Cell {
            low,
            high,
            band_low: band.0,
            band_high: band.1,
            expected: 0.0,
            score: 0.0,
            threshold: 0.0,
        }
    }

    const NO_BAND: (f32, f32) = (f32::NAN, f32::NAN);

    #[test]
    fn a_range_is_never_empty() {
        for cells in [
            vec![],
            vec![cell(f32::NAN, f32::NAN, NO_BAND)],
            vec![cell(0.0, 0.0, NO_BAND)],
            vec![cell(1e30, 1e30, (0.0, f32::MAX))],
        ] {
            let range = Range::of(&cells, Share::BAND);
            assert!(range.high > range.low, "{range:?}");
            assert!(range.y(range.low) > range.y(range.high));
        }
    }

    #[test]
    fn an_inflated_band_does_not_flatten_the_values() {
        let range = Range::of(&[cell(10.0, 20.0, (-1e6, 1e6))], Share::BAND);
        assert!(range.low > 5.0 && range.high < 25.0, "{range:?}");
        assert_eq!(range.y(1e6), AREA.0);
    }

    #[test]
    fn a_threshold_far_above_is_seen() {
        let range = Range::of(
            &[Cell::level(0.5, 40.0), Cell::level(1.0, 40.0)],
            Share::WHOLE,
        );
        assert!(range.low <= 0.0 && range.high > 40.0, "{range:?}");
    }

    #[test]
    fn gaps_part_the_line_and_a_lone_value_is_a_dot() {
        let range = Range {
            low: 0.0,
            high: 10.0,
        };
        let gap = (2.0, f32::NAN, f32::NAN);
        let path = line(
            &[(1.0, 0.0, 0.0), gap, (3.0, 10.0, 10.0), (4.0, 0.0, 10.0)],
            range,
        );
        assert_eq!(path, "M1.0,114.0h0M3.0,12.0h0L4.0,12.0V114.0");
    }

    #[test]
    fn every_column_keeps_its_extremes() {
        let mut cells = vec![cell(1.0, 1.0, NO_BAND); 8000];
        cells[4321] = cell(-50.0, 70.0, NO_BAND);
        let columns = columns(&cells, 1, 8000);
        assert!(columns.value.len() <= 801);
        assert!(
            columns
                .value
                .iter()
                .any(|(_, low, high)| (*low, *high) == (-50.0, 70.0))
        );
    }
}
