//! A finding in words.

use crate::output::jsonl::name;
use crate::text::number::counted;
use bellwether::kind::{Finding, Kind};

/// A kind, its variable and the evidence in a few words, such as `step of b by +4.2 deviations`.
pub fn said(of: &Finding, names: &[String]) -> String {
    let variable = name(names, of.variable.into());
    let what = match of.kind {
        Kind::Jump | Kind::Spike => format!("by {:.1} usual differences", of.jump),
        Kind::Step | Kind::Drift => format!("by {:+.1} deviations", of.shift),
        Kind::Noise => format!("of up to {:.1} usual differences", of.jump),
        Kind::Stuck => format!("for {}", counted(of.run.into(), "row")),
        Kind::Missing => format!("in {:.0} % of the last rows", 100.0 * of.gaps),
        _ => "to the others".to_owned(),
    };
    let beyond = if of.is_outside { ", out of range" } else { "" };
    format!("{} of {variable} {what}{beyond}", of.kind)
}

/// The numbers behind it.
pub fn evidence(of: &Finding) -> String {
    format!(
        "largest difference {:.2} usual ones, level {:+.2} deviations, {} with the last value, {:.0} % missing",
        of.jump,
        of.shift,
        counted(of.run.into(), "row"),
        100.0 * of.gaps
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_its_own_evidence() {
        let names = ["a".to_owned(), "b".to_owned()];
        let of = |kind| Finding {
            kind,
            variable: 1,
            is_final: true,
            is_outside: kind == Kind::Step,
            jump: 7.5,
            shift: -4.25,
            run: 12,
            gaps: 0.4,
        };
        let all = Kind::ALL.map(|kind| said(&of(kind), &names));
        let wanted = [
            "jump of b by 7.5 usual differences",
            "spike of b by 7.5 usual differences",
            "step of b by -4.2 deviations, out of range",
            "drift of b by -4.2 deviations",
            "stuck of b for 12 rows",
            "noise of b of up to 7.5 usual differences",
            "relation of b to the others",
            "missing of b in 40 % of the last rows",
        ];
        assert_eq!(all, wanted);
    }
}
