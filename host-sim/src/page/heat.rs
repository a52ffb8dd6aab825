//! Errors of many variables over time as a map of colours: a line per variable, those with the
//! largest errors first; a cell is the largest absolute error of its rows.

use super::bins::{Bins, Cell};
use std::fmt::Write as _;

/// Colours, from the smallest errors to the largest: classes `h0` to `h7` of the style sheet.
pub const COLOURS: usize = 8;

/// The colours begin with this share of all cells below the last of them, so that a few gross
/// errors do not hide all differences among the others.
const BELOW: f64 = 0.995;

/// The map of some variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Variables from top to bottom.
    pub order: Vec<usize>,
    /// Bounds between colours: 1, 2 or 5 times a power of ten each.
    breaks: Vec<f64>,
}

impl Heat {
    /// Sorts variables and chooses the scale. Cells hold absolute errors.
    pub fn of(bins: &Bins) -> Self {
        let cells = bins.cells();
        let largest = |k: usize| {
            let highs = cells.get(k).into_iter().flatten().map(|cell| cell.high);
            highs.fold(f32::NEG_INFINITY, f32::max)
        };
        let mut order: Vec<usize> = (0..cells.len()).collect();
        order.sort_by(|a, b| largest(*b).total_cmp(&largest(*a)));
        let mut all: Vec<f32> = cells.iter().flatten().map(|cell| cell.high).collect();
        all.retain(|error| *error > 0.0);
        all.sort_by(f32::total_cmp);
        let place = ((all.len() as f64 * BELOW) as usize).min(all.len().saturating_sub(1));
        let high = all.get(place).map_or(1.0, |error| f64::from(*error));
        let last = round_below(high);
        let first = last - (COLOURS as i32 - 2);
        Self {
            order,
            breaks: (first..=last).map(round).collect(),
        }
    }

    /// The colour of an error; `None` for a NaN.
    fn colour(&self, error: f32) -> Option<usize> {
        let below = |limit: &&f64| **limit <= f64::from(error);
        (!error.is_nan()).then(|| self.breaks.iter().take_while(below).count())
    }

    /// Class and meaning of every colour.
    pub fn legend(&self) -> Vec<(String, String)> {
        let edges = self.breaks.iter().map(f64::to_string);
        let edges: Vec<String> = edges.collect();
        (0..COLOURS)
            .map(|k| {
                let from = k.checked_sub(1).and_then(|k| edges.get(k));
                let meaning = match (from, edges.get(k)) {
                    (None, Some(to)) => format!("below {to}"),
                    (Some(from), Some(to)) => format!("{from}–{to}"),
                    (Some(from), None) => format!("{from} and more"),
                    (None, None) => String::new(),
                };
                (format!("h{k}"), meaning)
            })
            .collect()
    }

    /// The inside of the map's `<svg>`, a unit per bin and variable: strokes, a path per colour.
    pub fn draw(&self, bins: &Bins) -> String {
        let mut paths = vec![String::new(); COLOURS + 1];
        let cells = self.order.iter().filter_map(|k| bins.cells().get(*k));
        for (row, cells) in cells.enumerate() {
            let colours: Vec<usize> = cells
                .iter()
                .map(|cell: &Cell| self.colour(cell.high).unwrap_or(COLOURS))
                .collect();
            let mut at = 0;
            for run in colours.chunk_by(|a, b| a == b) {
                if let Some(path) = run.first().and_then(|colour| paths.get_mut(*colour)) {
                    let _ = write!(path, "M{at},{row}.5h{}", run.len());
                }
                at += run.len();
            }
        }
        let mut out = String::new();
        for (colour, path) in paths
            .iter()
            .enumerate()
            .filter(|(_, path)| !path.is_empty())
        {
            let class = match colour {
                COLOURS => "none".to_owned(),
                _ => format!("h{colour}"),
            };
            let _ = write!(out, r#"<path class="{class}" d="{path}"/>"#);
        }
        out
    }
}

/// The `k`th of …, 0.5, 1, 2, 5, 10, …, with 1 at 0.
fn round(k: i32) -> f64 {
    let mantissa = match k.rem_euclid(3) {
        0 => 1,
        1 => 2,
        _ => 5,
    };
    // As the decimal is read, so that it is also written so.
    let decimal = format!("{mantissa}e{}", k.div_euclid(3));
    decimal.parse().unwrap_or(f64::NAN)
}

/// The largest of those numbers that is not above a value.
fn round_below(value: f64) -> i32 {
    let start = 3 * (value.log10().floor() as i32) + 3;
    (start - 4..=start)
        .rev()
        .find(|k| round(*k) <= value)
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(variables: &[&[f32]]) -> Bins {
        let mut bins = Bins::new(variables.len());
        let rows = variables.first().map_or(0, |errors| errors.len());
        for row in 0..rows {
            let cells = variables.iter().map(|errors| Cell::value(errors[row]));
            bins.push(&cells.collect::<Vec<_>>(), "t");
        }
        bins
    }

    #[test]
    fn round_numbers_are_exact() {
        let some: Vec<f64> = (-4..5).map(round).collect();
        assert_eq!(some, [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        for (value, below) in [
            (1.0, 1.0),
            (4.99, 2.0),
            (0.3, 0.2),
            (5.0, 5.0),
            (9e-9, 5e-9),
        ] {
            assert_eq!(round(round_below(value)), below, "{value}");
        }
    }

    #[test]
    fn variables_with_large_errors_are_on_top_and_silent_ones_below() {
        let nan = f32::NAN;
        let bins = bins(&[&[0.1, nan], &[nan, nan], &[0.2, 9.0], &[0.1, 0.3]]);
        let heat = Heat::of(&bins);
        assert_eq!(heat.order, [2, 3, 0, 1]);
    }

    #[test]
    fn equal_cells_are_one_stroke_and_missing_ones_have_their_own() {
        let bins = bins(&[&[0.01, 0.02, 7.0, 7.0, f32::NAN], &[0.5; 5]]);
        let heat = Heat::of(&bins);
        assert_eq!(heat.breaks, [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]);
        assert_eq!(
            heat.draw(&bins),
            "<path class=\"h0\" d=\"M0,0.5h2\"/><path class=\"h4\" d=\"M0,1.5h5\"/>\
             <path class=\"h7\" d=\"M2,0.5h2\"/><path class=\"none\" d=\"M4,0.5h1\"/>"
        );
        let legend = heat.legend();
        assert_eq!(legend.len(), COLOURS);
        assert_eq!(legend[0], ("h0".to_owned(), "below 0.05".to_owned()));
        assert_eq!(legend[4].1, "0.5–1");
        assert_eq!(legend[7].1, "5 and more");
    }

    #[test]
    fn one_gross_error_does_not_flatten_the_rest() {
        let mut errors = vec![0.3; 1000];
        errors[400] = 1e30;
        let heat = Heat::of(&bins(&[&errors]));
        assert_eq!(heat.breaks.last(), Some(&0.2));
    }

    #[test]
    fn nothing_at_all_has_a_scale_too() {
        for variables in [&[][..], &[&[][..]], &[&[0.0, f32::NAN][..]]] {
            let heat = Heat::of(&bins(variables));
            assert_eq!(heat.breaks.last(), Some(&1.0));
        }
    }
}
