//! Affiliation: how close detections are to events and events to detections, each compared
//! with a detection at random.
//!
//! The series is cut into zones, one per event, in the middle between neighbours. In a zone,
//! the precision of a point x is the chance that a random point of the zone is further from the
//! event than x; the recall of a point y of the event is the chance that a random point is
//! further from y than the nearest detection. Both are averaged over points, then over zones;
//! a zone without detections has recall 0 and no precision. Row k is the interval [k, k + 1).
//!
//! Source: Huet and others, "Local Evaluation of Time Series Anomaly Detection Algorithms",
//! KDD 2022; equal to the implementation that TSB-AD 1.5 and `vus` 0.0.6 ship. Integrands are
//! linear between breakpoints, so trapezoids are exact.

use super::ratio::PrecisionRecall;
use super::runs::runs;

/// From, to; in rows.
type Span = (f64, f64);

/// Affiliation precision and recall of detections, each 0 to 1 and about 0.5 for detections at
/// random: 0.5 is nothing.
///
/// Hides how much time is detected: a single row inside each event has precision 1 and high
/// recall. `None` if lengths differ, nothing is labelled or nothing is detected. Time O(n).
pub fn affiliation(detected: &[bool], labels: &[bool]) -> Option<PrecisionRecall> {
    let spans = |flags| -> Vec<Span> {
        let runs = runs(flags).into_iter();
        runs.map(|run| (run.first as f64, (run.last + 1) as f64))
            .collect()
    };
    let (alarms, events) = (spans(detected), spans(labels));
    if detected.len() != labels.len() || events.is_empty() {
        return None;
    }
    let (mut precisions, mut zones, mut recalls) = (0.0, 0u32, 0.0);
    let mut from = 0;
    for (event, zone) in events
        .iter()
        .zip(zones_of(&events, (0.0, labels.len() as f64)))
    {
        while alarms.get(from).is_some_and(|alarm| alarm.1 <= zone.0) {
            from += 1;
        }
        let inside = alarms[from..].iter().take_while(|alarm| alarm.0 < zone.1);
        let inside: Vec<Span> = inside.map(|alarm| cut(*alarm, zone)).collect();
        if !inside.is_empty() {
            precisions += precision(&inside, *event, zone);
            zones += 1;
            recalls += recall(&inside, *event, zone);
        }
    }
    (zones > 0).then(|| PrecisionRecall {
        precision: precisions / f64::from(zones),
        recall: recalls / events.len() as f64,
    })
}

/// The whole, cut in the middle between neighbouring spans.
fn zones_of(spans: &[Span], whole: Span) -> impl Iterator<Item = Span> {
    let middle = |k: usize| Some((spans.get(k)?.1 + spans.get(k + 1)?.0) / 2.0);
    (0..spans.len()).map(move |k| {
        let begin = k.checked_sub(1).and_then(middle).unwrap_or(whole.0);
        (begin, middle(k).unwrap_or(whole.1))
    })
}

fn cut(span: Span, to: Span) -> Span {
    (span.0.max(to.0), span.1.min(to.1))
}

fn length(span: Span) -> f64 {
    (span.1 - span.0).max(0.0)
}

/// The integral over a span of a function that is linear between breakpoints.
fn integral(span: Span, mut breaks: [f64; 3], f: impl Fn(f64) -> f64) -> f64 {
    if span.0 >= span.1 {
        return 0.0;
    }
    breaks.sort_by(f64::total_cmp);
    let (mut from, mut sum) = (span.0, 0.0);
    for to in breaks.into_iter().chain([span.1]) {
        let to = to.clamp(from, span.1);
        sum += (to - from) * (f(from) + f(to)) / 2.0;
        from = to;
    }
    sum
}

/// Mean precision of alarms in the zone of an event.
fn precision(alarms: &[Span], event: Span, zone: Span) -> f64 {
    let near = (event.0 - zone.0).min(zone.1 - event.1);
    let chance = |x: f64| {
        let distance = (event.0 - x).max(x - event.1).max(0.0);
        1.0 - (length(event) + distance.min(near) + distance) / length(zone)
    };
    let one = |alarm: &Span| {
        let before = (alarm.0, alarm.1.min(event.0));
        let after = (alarm.0.max(event.1), alarm.1);
        let breaks = [event.0 - near, event.1 + near, zone.1];
        length(cut(*alarm, event))
            + integral(before, breaks, chance)
            + integral(after, breaks, chance)
    };
    let rows: f64 = alarms.iter().map(|alarm| length(*alarm)).sum();
    alarms.iter().map(one).sum::<f64>() / rows
}

/// Mean recall of an event by the alarms in its zone.
fn recall(alarms: &[Span], event: Span, zone: Span) -> f64 {
    let one = |(alarm, nearest): (&Span, Span)| {
        let part = cut(event, nearest);
        let away = |part: Span, pivot: f64| {
            let chance = |y: f64| {
                let distance = (y - pivot).abs();
                let near = (y - zone.0).min(zone.1 - y);
                1.0 - (distance.min(near) + distance) / length(zone)
            };
            let breaks = [zone.0 + pivot, zone.0 + zone.1, zone.1 + pivot];
            integral(part, breaks.map(|sum| sum / 2.0), chance)
        };
        length(cut(part, *alarm))
            + away((part.0, part.1.min(alarm.0)), alarm.0)
            + away((part.0.max(alarm.1), part.1), alarm.1)
    };
    alarms
        .iter()
        .zip(zones_of(alarms, zone))
        .map(one)
        .sum::<f64>()
        / length(event)
}
