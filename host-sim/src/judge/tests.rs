//! Faults and answers by hand, and a trial whose fault nobody can miss.

use super::*;
use crate::recording::Table;
use bellwether::alarm::Grade;
use bellwether::kind::Finding;

fn finding(kind: Kind, variable: u16) -> Finding {
    Finding {
        kind,
        variable,
        is_final: true,
        is_outside: false,
        jump: 6.0,
        shift: 1.0,
        run: 1,
        gaps: 0.0,
    }
}

/// A fault of variable 1 among four, said to be of a kind, with these variables in front.
fn case(fault: FaultKind, answer: Option<(Kind, &[usize])>, severity: f64) -> Case {
    Case {
        fault,
        first: 100,
        channels: vec![1],
        variables: 4,
        severity,
        found: answer.map(|(kind, named)| Found {
            delay: 0,
            first: finding(Kind::Jump, 1),
            last: finding(kind, named[0] as u16),
            named: named.to_vec(),
            grade: if severity > 2.0 {
                Grade::Critical
            } else {
                Grade::Warning
            },
        }),
        highest: severity as f32,
        symptoms: Vec::new(),
    }
}

/// By hand: of three found faults two kinds are right, and two variables are first, all are among three.
#[test]
fn shares_are_those_of_the_found_faults() {
    let trials = Trials {
        cases: vec![
            case(FaultKind::Step, Some((Kind::Step, &[1, 0])), 3.0),
            case(FaultKind::Spike, Some((Kind::Step, &[1])), 1.0),
            case(FaultKind::Swap, Some((Kind::Relation, &[0, 3, 1])), 2.0),
            case(FaultKind::Stuck, None, 0.5),
        ],
        false_alarms: 1,
        normal_rows: 5000,
    };
    let said = Tables(&trials).to_string();
    for line in [
        "| spike | 1/1 |  | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1.00 | 1.00 |",
        "| stuck | 0/1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | - | - |",
        "| swap | 1/1 |  | 0 | 0 | 0 | 0 | 0 | 1 | 0 | 0 | 0.00 | 1.00 |",
        "| kind after 10 rows | 3 | 0.67 |",
        "| the same without swaps | 2 | 0.50 |",
        "| a jump in the first row of spike, step, scale | 2 | 1.00 |",
        "| variable first, all (chance 0.25) | 3 | 0.67 |",
        "| among the first three (chance 0.75) | 3 | 1.00 |",
        "| variable of the kind after 10 rows, all | 3 | 0.67 |",
        // Of three pairs of found faults the grades order two and tie one.
        "3 (0.75) of 4 faults found, 2.00 false alarms per 10,000 of 5000 normal rows. Concordance with the \
         severity of a fault: 1.00 of the highest severity of the alarm layer in all faults, 0.83 of the grades \
         of those found.",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}

/// Two variables that move together, and two of their own.
fn table(rows: u32) -> Table {
    let mut table = Table::new(["a", "b", "c", "d"].map(str::to_owned).to_vec());
    for t in 0..rows {
        let wave = (t * 7 % 23) as f32;
        table.push([wave, 50.0 - wave, (t * 5 % 11) as f32, (t * 3 % 17) as f32]);
        table.labels.push(false);
    }
    table
}

/// Broken by an alarm that is credited to another fault, or by rows that are not those of the table.
#[test]
fn a_trial_finds_faults_in_a_plant_without_noise() {
    let table = table(4000);
    let trial = Trial {
        table: &table,
        faults: 8,
        seed: 3,
        settings: &[],
    };
    let trials = trial.run().unwrap();
    assert_eq!(trials.cases.len(), 8);
    assert_eq!(trials.false_alarms, 0);
    let found: Vec<&Case> = trials
        .cases
        .iter()
        .filter(|case| case.found.is_some())
        .collect();
    assert!(found.len() >= 2, "{:?}", trials.cases);
    for case in found {
        let answer = case.found.as_ref().unwrap();
        // Of two that are each other's mirror, a broken relation is that of either.
        let most = if answer.first.kind == Kind::Jump {
            1
        } else {
            3
        };
        let mut named = answer.named.iter().take(most);
        assert!(named.any(|k| case.channels.contains(k)), "{case:?}");
        assert!(case.highest >= 6.0 && case.severity > 0.0, "{case:?}");
    }
    let again = trial.run().unwrap();
    assert_eq!(again.cases, trials.cases);
    let mut csv = Vec::new();
    let all: Vec<_> = trials
        .cases
        .into_iter()
        .map(|case| ("x".to_owned(), 3, case))
        .collect();
    case::write_cases(&all, &mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 9);
    let short = Trial {
        faults: 400,
        ..trial
    };
    assert!(short.run().is_err(), "no room");
}

#[test]
fn every_fault_has_a_right_kind() {
    for fault in FaultKind::ALL {
        assert!(
            Kind::ALL.iter().any(|kind| is_right(fault, *kind)),
            "{fault:?}"
        );
        assert!(!is_right(fault, Kind::Jump), "never final");
    }
}
