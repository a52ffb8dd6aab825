//! A sparkline beside its usual band: one character a value, coloured where it leaves the band.

use ratatui::style::{Color, Style};
use ratatui::text::Span;

const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
const INSIDE: Color = Color::Green;
const OUTSIDE: Color = Color::Red;
const UNKNOWN: Color = Color::Cyan;

/// The spans of a sparkline. The scale holds all values and the band.
pub fn spans(
    values: &[Option<f32>],
    usual: Option<(f32, f32)>,
    width: usize,
) -> Vec<Span<'static>> {
    let usual = usual.filter(|(low, high)| low.is_finite() && high.is_finite() && low <= high);
    let ends = usual.map_or([None; 2], |(low, high)| [Some(low), Some(high)]);
    let all = || values.iter().chain(&ends).flatten().copied();
    let (low, high) = (
        all().fold(f32::MAX, f32::min),
        all().fold(f32::MIN, f32::max),
    );
    let mut spans = vec![Span::raw(" ".repeat(width.saturating_sub(values.len())))];
    for value in values.iter().skip(values.len().saturating_sub(width)) {
        let Some(value) = *value else {
            spans.push(Span::styled("·", Color::DarkGray));
            continue;
        };
        let colour = match usual {
            None => UNKNOWN,
            Some((low, high)) if (low..=high).contains(&value) => INSIDE,
            Some(_) => OUTSIDE,
        };
        spans.push(Span::styled(
            level(value, low, high),
            Style::new().fg(colour),
        ));
    }
    spans
}

/// The character of a value. A channel that never moves has a line at the bottom.
fn level(value: f32, low: f32, high: f32) -> &'static str {
    let (value, low, high) = (f64::from(value), f64::from(low), f64::from(high));
    let part = if high > low {
        (value - low) / (high - low)
    } else {
        0.0
    };
    let place = (part * 8.0) as usize;
    LEVELS.get(place.min(7)).copied().unwrap_or(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(spans: &[Span<'_>]) -> String {
        spans.iter().map(|span| span.content.as_ref()).collect()
    }

    /// Broken if the band is left out of the scale: a value far outside would look like one at its edge.
    #[test]
    fn the_scale_holds_the_band_and_colours_tell_which_values_left_it() {
        let values = [Some(1.0), Some(2.0), None, Some(9.0)];
        let spans = spans(&values, Some((0.0, 8.0)), 6);
        assert_eq!(text(&spans), "  ▁▂·█");
        let colours: Vec<_> = spans[1..].iter().map(|span| span.style.fg).collect();
        let wanted = [INSIDE, INSIDE, Color::DarkGray, OUTSIDE].map(Some);
        assert_eq!(colours, wanted);
    }

    #[test]
    fn values_without_a_spread_or_with_the_largest_one_are_drawn() {
        assert_eq!(text(&spans(&[Some(5.0); 3], None, 3)), "▁▁▁");
        let far = [Some(f32::MIN), Some(f32::MAX)];
        assert_eq!(text(&spans(&far, Some((f32::NAN, 1.0)), 2)), "▁█");
        assert_eq!(text(&spans(&[], Some((0.0, 1.0)), 2)), "  ");
    }
}
