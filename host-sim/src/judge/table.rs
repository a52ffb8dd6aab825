//! The tables of trials, as Markdown.

use super::case::{Case, Found, Trials};
use super::is_right;
use crate::metrics::concordance;
use crate::simulate::fault::FaultKind;
use bellwether::alarm::Grade;
use bellwether::health::Symptom;
use bellwether::kind::Kind;
use std::fmt;
use std::io::{self, Write};

/// Kinds in the order of the columns; the last one is that of a first row only.
const COLUMNS: [Kind; 8] = [
    Kind::Spike,
    Kind::Step,
    Kind::Drift,
    Kind::Stuck,
    Kind::Noise,
    Kind::Relation,
    Kind::Missing,
    Kind::Jump,
];

/// The tables of some trials.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a>(pub &'a Trials);

/// A share of a count, as two digits; a dash of none.
struct Share(usize, usize);

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, 0) => f.write_str("-"),
            Self(part, all) => write!(f, "{:.2}", *part as f64 / *all as f64),
        }
    }
}

/// Found faults that are `wanted`.
type Finds<'a> = Vec<(&'a Case, &'a Found)>;

/// Whether one of the first variables is at fault.
fn is_named(case: &Case, found: &Found, most: usize) -> bool {
    let mut named = found.named.iter().take(most);
    named.any(|variable| case.channels.contains(variable))
}

impl Tables<'_> {
    fn finds(&self, wanted: impl Fn(&Case) -> bool) -> Finds<'_> {
        let cases = self.0.cases.iter().filter(|case| wanted(case));
        cases
            .filter_map(|case| Some((case, case.found.as_ref()?)))
            .collect()
    }

    fn confusion(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| injected | found | complaint |")?;
        COLUMNS.iter().try_for_each(|kind| write!(f, " {kind} |"))?;
        writeln!(
            f,
            " first | first three |\n|---|--:|--:|{}--:|--:|",
            "--:|".repeat(8)
        )?;
        for fault in FaultKind::ALL {
            let all = self.0.cases.iter().filter(|case| case.fault == fault);
            let finds = self.finds(|case| case.fault == fault);
            let symptom = match fault {
                FaultKind::Stuck => Some(Symptom::Stuck),
                FaultKind::Dropout => Some(Symptom::Missing),
                _ => None,
            };
            let told = |case: &&Case| symptom.is_some_and(|of| case.symptoms.contains(&of));
            let told = all.clone().filter(told).count();
            let told = symptom.map_or(String::new(), |_| told.to_string());
            write!(
                f,
                "| {} | {}/{} | {told} |",
                fault.name(),
                finds.len(),
                all.count()
            )?;
            for kind in COLUMNS {
                let said = finds
                    .iter()
                    .filter(|(_, found)| found.last.kind == kind)
                    .count();
                write!(f, " {said} |")?;
            }
            let [one, three] = named(&finds);
            writeln!(f, " {one} | {three} |")?;
        }
        Ok(())
    }
}

/// The shares of faults with a right variable first, and among the first three.
fn named(finds: &[(&Case, &Found)]) -> [Share; 2] {
    [1, 3].map(|most| {
        let right = finds
            .iter()
            .filter(|(case, found)| is_named(case, found, most));
        Share(right.count(), finds.len())
    })
}

/// The same by chance.
fn chance(finds: &[(&Case, &Found)], most: usize) -> f64 {
    let of = |case: &Case| {
        let (all, right) = (case.variables as f64, case.channels.len() as f64);
        let missed = (0..most.min(case.variables)).map(|k| {
            let left = all - k as f64;
            ((left - right) / left).max(0.0)
        });
        1.0 - missed.product::<f64>()
    };
    let sum: f64 = finds.iter().map(|(case, _)| of(case)).sum();
    sum / finds.len().max(1) as f64
}

impl fmt::Display for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.confusion(f)?;
        let all = self.finds(|_| true);
        let right = |finds: &Finds<'_>| {
            let right = finds
                .iter()
                .filter(|(case, found)| is_right(case.fault, found.last.kind));
            Share(right.count(), finds.len())
        };
        let early = |finds: &Finds<'_>| {
            let right = finds
                .iter()
                .filter(|(_, found)| found.first.kind == Kind::Jump);
            Share(right.count(), finds.len())
        };
        let jumps = |fault| matches!(fault, FaultKind::Spike | FaultKind::Step | FaultKind::Scale);
        let without = self.finds(|case| case.fault != FaultKind::Swap);
        let single = self.finds(|case| case.channels.len() == 1);
        writeln!(f, "\n| | of | right |\n|---|--:|--:|")?;
        let of = all.len();
        writeln!(f, "| kind after 10 rows | {of} | {} |", right(&all))?;
        let of = without.len();
        writeln!(f, "| the same without swaps | {of} | {} |", right(&without))?;
        let jumping = self.finds(|case| jumps(case.fault));
        let of = jumping.len();
        writeln!(
            f,
            "| a jump in the first row of spike, step, scale | {of} | {} |",
            early(&jumping)
        )?;
        for (name, finds) in [("all", &all), ("faults of one variable", &single)] {
            let [one, three] = named(finds);
            let (of, by_one, by_three) = (finds.len(), chance(finds, 1), chance(finds, 3));
            writeln!(
                f,
                "| variable first, {name} (chance {by_one:.2}) | {of} | {one} |"
            )?;
            writeln!(
                f,
                "| among the first three (chance {by_three:.2}) | {of} | {three} |"
            )?;
        }
        let last = all.iter().filter(|(case, found)| {
            let variable = usize::from(found.last.variable);
            case.channels.contains(&variable)
        });
        let last = Share(last.count(), all.len());
        writeln!(
            f,
            "| variable of the kind after 10 rows, all | {} | {last} |",
            all.len()
        )?;
        let trials = self.0;
        let rate = 1e4 * trials.false_alarms as f64 / trials.normal_rows.max(1) as f64;
        writeln!(
            f,
            "\n{} of {} faults found, {rate:.2} false alarms per 10,000 of {} normal rows. Concordance with the severity of a \
             fault: {} of the highest severity of the alarm layer in all faults, {} of the grades of those found.",
            of_all(&all, trials),
            trials.cases.len(),
            trials.normal_rows,
            number(concordance(
                &trials
                    .cases
                    .iter()
                    .map(|case| f64::from(case.highest))
                    .collect::<Vec<_>>(),
                &trials
                    .cases
                    .iter()
                    .map(|case| case.severity)
                    .collect::<Vec<_>>(),
            )),
            number(concordance(
                &all.iter()
                    .map(|(_, found)| f64::from(found.grade >= Grade::Critical))
                    .collect::<Vec<_>>(),
                &all.iter()
                    .map(|(case, _)| case.severity)
                    .collect::<Vec<_>>(),
            )),
        )
    }
}

fn of_all(finds: &Finds<'_>, trials: &Trials) -> String {
    format!(
        "{} ({})",
        finds.len(),
        Share(finds.len(), trials.cases.len())
    )
}

fn number(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.2}"))
}

/// Writes every fault with the answer, as CSV.
///
/// # Errors
/// It cannot be written.
pub fn write_cases(cases: &[(String, u64, Case)], out: impl Write) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record([
        "recording",
        "seed",
        "fault",
        "row",
        "channels",
        "variables",
        "severity",
        "highest",
        "delay",
        "kind",
        "early",
        "variable",
        "jump",
        "shift",
        "out_of_range",
        "run",
        "missing",
        "named",
        "symptoms",
    ])?;
    for (recording, seed, case) in cases {
        let list = |of: &[usize]| {
            of.iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join("+")
        };
        let found = case.found.as_ref();
        let of = |pick: fn(&Found) -> String| found.map_or(String::new(), pick);
        let symptoms: Vec<_> = case.symptoms.iter().map(|of| of.name()).collect();
        out.write_record([
            recording.clone(),
            seed.to_string(),
            case.fault.name().to_owned(),
            case.first.to_string(),
            list(&case.channels),
            case.variables.to_string(),
            format!("{:.3}", case.severity),
            format!("{:.2}", case.highest),
            of(|found| found.delay.to_string()),
            of(|found| found.last.kind.to_string()),
            of(|found| found.first.kind.to_string()),
            of(|found| found.last.variable.to_string()),
            of(|found| format!("{:.2}", found.last.jump)),
            of(|found| format!("{:.2}", found.last.shift)),
            of(|found| found.last.is_outside.to_string()),
            of(|found| found.last.run.to_string()),
            of(|found| format!("{:.2}", found.last.gaps)),
            found.map_or(String::new(), |found| list(&found.named)),
            symptoms.join("+"),
        ])?;
    }
    out.flush()
}
