//! Methods side by side over many nodes.

use super::evaluate::{Evaluation, Line, SIMPLE};
use std::fmt;

/// Differences of AUC between f32 and integers that count as equal.
pub const CLOSE: f64 = 0.01;

/// An evaluated node.
#[derive(Clone, Debug, PartialEq)]
pub struct Surveyed {
    /// Its name.
    pub name: String,
    /// Columns that the methods saw.
    pub columns: usize,
    /// Their results.
    pub evaluation: Evaluation,
}

/// Evaluations of nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    /// One per node.
    pub nodes: Vec<Surveyed>,
}

impl Survey {
    /// Methods and scores, in the order of the tables.
    fn names(&self) -> Vec<String> {
        let first = self.nodes.first();
        first.map_or_else(Vec::new, |node| {
            node.evaluation.lines.iter().map(Line::name).collect()
        })
    }

    /// The nodes on which a method's AUC is below the best simple score's, as printed, with the
    /// difference.
    pub fn behind(&self, name: &str) -> Vec<(&str, f64)> {
        let missing = |node: &'_ Surveyed| {
            let best = node.evaluation.best_simple()?;
            let own = node.evaluation.line(name)?.auc_roc?;
            (thousandths(own) < thousandths(best)).then_some(own - best)
        };
        let nodes = self.nodes.iter();
        nodes
            .filter_map(|node| Some((node.name.as_str(), missing(node)?)))
            .collect()
    }

    /// The nodes and scores whose AUC differs from that in f32 by more than [`CLOSE`].
    pub fn apart(&self, integers: &str) -> Vec<(&str, &'static str, f64)> {
        let mut apart = Vec::new();
        for node in &self.nodes {
            for score in ["max", "mean"] {
                let auc = |method: &str| {
                    let line = node.evaluation.line(&format!("{method}, {score}"))?;
                    line.auc_roc
                };
                let (Some(own), Some(exact)) = (auc(integers), auc("f32")) else {
                    continue;
                };
                if (own - exact).abs() > CLOSE {
                    apart.push((node.name.as_str(), score, own - exact));
                }
            }
        }
        apart
    }

    fn write_nodes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| node | columns | rows | anomalous | method, score | AUC | AUC-PR | recall | false \
             alarms per day |\n|---|---:|---:|---:|---|---:|---:|---:|---:|"
        )?;
        for node in &self.nodes {
            let Evaluation {
                rows, anomalous, ..
            } = node.evaluation;
            let mut about = format!("{} | {} | {rows} | {anomalous}", node.name, node.columns);
            for line in &node.evaluation.lines {
                writeln!(
                    f,
                    "| {about} | {} | {} | {} | {:.3} | {} |",
                    cell(&line.name()),
                    number(line.auc_roc, 3),
                    number(line.auc_pr, 3),
                    line.recall,
                    number(line.false_alarms_per_day, 1),
                )?;
                " | | | ".clone_into(&mut about);
            }
        }
        Ok(())
    }

    fn write_integers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| integers | scores within {CLOSE} of the AUC in f32 | further off |\n|---|---:|---|"
        )?;
        for integers in ["int8", "int8/16"] {
            let apart = self.apart(integers);
            let all = 2 * self.nodes.len();
            let spelled = apart
                .iter()
                .map(|(node, score, by)| format!("{node} {score} {by:+.3}"));
            let spelled: Vec<String> = spelled.collect();
            let within = all - apart.len();
            writeln!(
                f,
                "| {integers} | {within} of {all} | {} |",
                spelled.join(", ")
            )?;
        }
        Ok(())
    }

    fn write_behind(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| method, score | mean AUC | nodes on which it is behind | where, and by how much \
             |\n|---|---:|---:|---|"
        )?;
        for name in self.names() {
            let behind = self.behind(&name);
            let aucs = self.nodes.iter();
            let aucs = aucs.filter_map(|node| node.evaluation.line(&name)?.auc_roc);
            let aucs: Vec<f64> = aucs.collect();
            let mean = aucs.iter().sum::<f64>() / aucs.len().max(1) as f64;
            let spelled = behind.iter().map(|(node, by)| format!("{node} {by:+.3}"));
            let spelled: Vec<String> = spelled.collect();
            writeln!(
                f,
                "| {} | {mean:.3} | {} of {} | {} |",
                cell(&name),
                behind.len(),
                self.nodes.len(),
                spelled.join(", ")
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Every node\n")?;
        self.write_nodes(f)?;
        writeln!(f, "\n## Integers and f32\n")?;
        self.write_integers(f)?;
        writeln!(
            f,
            "\n## Against the best simple score\n\nThe best simple score of a node is the largest \
             AUC among those of {}, which is known only after the fact.\n",
            SIMPLE.join(" and ")
        )?;
        self.write_behind(f)
    }
}

/// A bar would end the cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn thousandths(auc: f64) -> f64 {
    (auc * 1000.0).round()
}

pub(super) fn number(x: Option<f64>, digits: usize) -> String {
    x.map_or("-".to_owned(), |x| format!("{x:.digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(method: &str, score: &'static str, auc: f64) -> Line {
        Line {
            method: method.to_owned(),
            score,
            auc_roc: Some(auc),
            auc_pr: None,
            pate: None,
            recall: 0.5,
            false_alarms_per_day: None,
        }
    }

    fn survey() -> Survey {
        Survey {
            nodes: vec![Surveyed {
                name: "x/1".to_owned(),
                columns: 3,
                evaluation: Evaluation {
                    lines: vec![
                        line("f32", "max", 0.8),
                        line("int8", "max", 0.785),
                        line("|z|", "max", 0.7),
                        line("PCA-8", "max", 0.7904),
                    ],
                    rows: 9,
                    anomalous: 2,
                    blind: 0,
                },
            }],
        }
    }

    /// Broken by a bar that is not the best of the simple scores, or is compared by digits that
    /// nobody sees.
    #[test]
    fn what_is_behind_is_behind_the_best_simple_score() {
        let survey = survey();
        assert_eq!(survey.behind("f32, max"), []);
        assert_eq!(survey.behind("PCA-8, max"), []);
        let behind = survey.behind("int8, max");
        assert!(behind[0].0 == "x/1" && (behind[0].1 + 0.0054).abs() < 1e-9);
        let apart = survey.apart("int8");
        assert_eq!((apart[0].0, apart[0].1), ("x/1", "max"));
        assert_eq!(survey.apart("int8/16"), []);
    }

    #[test]
    fn the_tables_name_every_node_and_method() {
        let text = survey().to_string();
        assert!(text.contains("| x/1 | 3 | 9 | 2 | f32, max | 0.800 | - | 0.500 | - |"));
        assert!(text.contains(r"| \|z\|, max | 0.700 |"));
        assert!(text.contains("| int8 | 1 of 2 | x/1 max -0.015 |"));
        assert!(text.contains("| int8, max | 0.785 | 1 of 1 | x/1 -0.005 |"));
    }
}
