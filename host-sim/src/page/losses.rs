//! A page with the losses of a training, by epoch.

use super::axis::numbers;
use crate::train::self_test::Caught;
use crate::train::{Losses, SelfTest};
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 32.0;

/// The page, with what a self-test caught; self-contained.
pub fn page(losses: &Losses, test: &SelfTest) -> String {
    let all = losses.fit.iter().chain(&losses.calibration);
    let most = all
        .copied()
        .filter(|x| x.is_finite())
        .fold(0.0_f32, f32::max)
        .max(1e-6);
    let count = losses.fit.len().max(2) as f64;
    let x = |k: f64| LEFT + (WIDTH - LEFT - 8.0) * k / (count - 1.0);
    let y = |v: f64| 8.0 + (HEIGHT - BOTTOM - 8.0) * (1.0 - v / f64::from(most));
    let mut svg = String::new();
    for tick in numbers(0.0, most.into(), 5.0) {
        let at = y(tick.at);
        let _ = write!(
            svg,
            "<path class=grid d=\"M{LEFT},{at:.1}H{WIDTH}\"/><text x={} y={:.1} class=end>{}</text>",
            LEFT - 6.0,
            at + 4.0,
            tick.label
        );
    }
    for tick in numbers(1.0, count, 6.0) {
        let _ = write!(
            svg,
            "<text x={:.1} y={} class=middle>{}</text>",
            x(tick.at - 1.0),
            HEIGHT - 12.0,
            tick.label
        );
    }
    for (class, values) in [("fit", &losses.fit), ("later", &losses.calibration)] {
        let points = values.iter().enumerate().filter(|(_, v)| v.is_finite());
        let points = points.map(|(k, v)| format!("{:.1},{:.1}", x(k as f64), y(f64::from(*v))));
        let points: Vec<String> = points.collect();
        let _ = write!(
            svg,
            "<polyline class={class} points=\"{}\"/>",
            points.join(" ")
        );
    }
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport \
         content=\"width=device-width, initial-scale=1\"><title>Losses by epoch</title><style>\
         :root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;margin:1.5rem auto;\
         max-width:46rem;padding:0 1rem}}svg{{width:100%;height:auto}}text{{fill:currentColor;\
         font-size:12px}}.end{{text-anchor:end}}.middle{{text-anchor:middle}}.grid{{stroke:currentColor;\
         opacity:.15}}polyline{{fill:none;stroke-width:2}}.fit{{stroke:#2a78d6}}.later{{stroke:#d95926}}\
         td{{padding-right:1.5rem}}b.fit{{color:#2a78d6}}b.later{{color:#d95926}}</style><h1>Losses by epoch</h1><p>Mean absolute \
         error in scaled units: <b class=fit>rows that fit</b>, <b class=later>later rows</b>, which set \
         the threshold and train nothing.</p><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=img \
         aria-label=\"Losses by epoch\">{svg}</svg><h2>Faults put into the rows that calibrate</h2><p>One column \
         at a time; a range is that of its usual values.</p><table>{}<tr><td>no fault<td>rows that alarm<td>{} of \
         {}</table></html>\n",
        caught(test),
        test.false_rows,
        test.rows
    )
}

fn caught(test: &SelfTest) -> String {
    let row = |of: &Caught| {
        let (name, about) = (of.fault.name(), of.fault.about());
        format!("<tr><td>{name}<td>{about}<td>{} of {}", of.caught, of.of)
    };
    test.kinds.iter().map(row).collect()
}
