//! The tables of trials, as Markdown.

use super::case::{Case, Found, Trials};
use super::is_right;
use crate::metrics::concordance;
use crate::simulate::fault::FaultKind;
use bellwether::alarm::Grade;
use bellwether::health::Symptom;
use bellwether::kind::Kind;
use std::fmt;

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

/// Whether an answer is right.
type Judge = fn(&Case, &Found) -> bool;

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

impl Tables<'_> {
    /// Faults whose kind was right.
    fn kinds(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jumps = |fault| matches!(fault, FaultKind::Spike | FaultKind::Step | FaultKind::Scale);
        let after: Judge = |case, found| is_right(case.fault, found.last.kind);
        let first: Judge = |_, found| found.first.kind == Kind::Jump;
        for (name, finds, judge) in [
            ("kind after 10 rows", self.finds(|_| true), after),
            (
                "the same without swaps",
                self.finds(|case| case.fault != FaultKind::Swap),
                after,
            ),
            (
                "a jump in the first row of spike, step, scale",
                self.finds(|case| jumps(case.fault)),
                first,
            ),
        ] {
            let right = finds.iter().filter(|(case, found)| judge(case, found));
            let right = Share(right.count(), finds.len());
            writeln!(f, "| {name} | {} | {right} |", finds.len())?;
        }
        Ok(())
    }

    /// Faults of which a variable was named.
    fn variables(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (all, single) = (
            self.finds(|_| true),
            self.finds(|case| case.channels.len() == 1),
        );
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
        let right = all.iter().filter(|(case, found)| {
            let variable = usize::from(found.last.variable);
            case.channels.contains(&variable)
        });
        let (of, right) = (all.len(), Share(right.count(), all.len()));
        writeln!(
            f,
            "| variable of the kind after 10 rows, all | {of} | {right} |"
        )
    }

    /// Recall, false alarms, and concordance with the severity of faults.
    fn beside(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trials {
            cases,
            false_alarms,
            normal_rows,
        } = self.0;
        let finds = self.finds(|_| true);
        let rate = 1e4 * *false_alarms as f64 / (*normal_rows).max(1) as f64;
        let highest = concordance_of(cases.iter(), |case| f64::from(case.highest));
        let graded = concordance_of(finds.iter().map(|(case, _)| *case), |case| {
            let found = case.found.as_ref();
            f64::from(found.is_some_and(|found| found.grade >= Grade::Critical))
        });
        writeln!(
            f,
            "\n{} ({}) of {} faults found, {rate:.2} false alarms per 10,000 of {normal_rows} normal rows. \
             Concordance with the severity of a fault: {highest} of the highest severity of the alarm layer in all \
             faults, {graded} of the grades of those found.",
            finds.len(),
            Share(finds.len(), cases.len()),
            cases.len(),
        )
    }
}

/// Concordance of a grade of cases with their severity, as two digits.
fn concordance_of<'a>(
    cases: impl Iterator<Item = &'a Case>,
    grade: impl Fn(&Case) -> f64,
) -> String {
    let (grades, severities): (Vec<f64>, Vec<f64>) =
        cases.map(|case| (grade(case), case.severity)).unzip();
    let value = concordance(&grades, &severities);
    value.map_or("-".to_owned(), |value| format!("{value:.2}"))
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
        writeln!(f, "\n| | of | right |\n|---|--:|--:|")?;
        self.kinds(f)?;
        self.variables(f)?;
        self.beside(f)
    }
}
