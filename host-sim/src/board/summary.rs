//! A device's summary in words.

use bellwether::Summary;
use bellwether::summary::Count;

/// Causes of blindness, in the order of a summary.
const CAUSES: [&str; 7] = [
    "missing",
    "not finite",
    "sensor",
    "stuck",
    "out of order",
    "training",
    "inflated threshold",
];

/// Scores over their threshold, in the order of a summary.
const RATIOS: [&str; 8] = ["1/16", "1/8", "1/4", "1/2", "1", "2", "4", "more"];

/// A summary in a line. Causes and ratios that did not occur are left out.
pub fn words(summary: &Summary) -> String {
    let Summary {
        frames,
        warm_up,
        scores,
        blind,
        alerts: [single, correlated],
        trainings,
        alarms,
        lost,
        worst,
    } = *summary;
    let alerts = u32::from(single.get()) + u32::from(correlated.get());
    format!(
        "in {} frames: {} blind{}, {alerts} alerts ({} by a vote), {} alarms, {} trainings, {} lost, {warm_up} \
         frames of warm-up left, longest frame {worst} ticks; scores over threshold, up to{}",
        frames.get(),
        sum(&blind),
        listed(&CAUSES, &blind).map_or_else(String::new, |list| format!(" ({list})")),
        correlated.get(),
        alarms.get(),
        trainings.get(),
        lost.get(),
        listed(&RATIOS, &scores).map_or_else(|| ": none".to_owned(), |list| format!(" {list}")),
    )
}

fn sum(counts: &[Count]) -> u32 {
    counts.iter().map(|count| u32::from(count.get())).sum()
}

/// The names of counts above 0; `None` without any.
fn listed(names: &[&str], counts: &[Count]) -> Option<String> {
    let named = names.iter().zip(counts);
    let found = named.filter(|(_, count)| count.get() > 0);
    let found: Vec<String> = found
        .map(|(name, count)| format!("{name}: {}", count.get()))
        .collect();
    (!found.is_empty()).then(|| found.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::{Alert, Assessment, Cause, State};

    #[test]
    fn a_summary_is_a_line_of_what_occurred() {
        let mut summary = Summary::new();
        assert!(
            words(&summary).ends_with("longest frame 0 ticks; scores over threshold, up to: none")
        );
        let answer = Assessment::judged(State::Normal, 0.3, 1.0);
        summary.observe(&answer);
        summary.observe(&answer.supported(Alert::Correlated));
        summary.observe(&Assessment::judged(State::Anomalous, 9.0, 1.0));
        (0..3).for_each(|_| summary.observe(&Assessment::blind(Cause::Sensor)));
        summary.took(77);
        assert_eq!(
            words(&summary),
            "in 6 frames: 3 blind (sensor: 3), 2 alerts (1 by a vote), 0 alarms, 0 trainings, 0 lost, 0 frames of \
             warm-up left, longest frame 77 ticks; scores over threshold, up to 1/2: 2, more: 1"
        );
    }
}
