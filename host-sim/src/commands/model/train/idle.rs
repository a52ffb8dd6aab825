//! Rows of an idle machine, which `--idle` leaves out.

use crate::recording::Table;

/// Columns whose name contains a text, and the sum below which they mean idleness.
#[derive(Clone, Debug, PartialEq)]
pub struct Idle {
    text: String,
    limit: f32,
}

impl Idle {
    /// From `TEXT=LIMIT`.
    pub fn parse(argument: &str) -> Result<Self, String> {
        let parts = argument.split_once('=').and_then(|(text, limit)| {
            Some(Self {
                text: text.to_owned(),
                limit: limit.parse().ok()?,
            })
        });
        parts.ok_or_else(|| "TEXT=LIMIT, such as util=10".to_owned())
    }

    /// Whether a row of a table is idle; none is without a rule or such a column.
    pub fn rule(of: Option<&Self>, table: &Table) -> impl Fn(&[f32]) -> bool + use<> {
        let names = table.names.iter().enumerate();
        let watched = names.filter(|(_, name)| of.is_some_and(|of| name.contains(&of.text)));
        let watched: Vec<usize> = watched.map(|(k, _)| k).collect();
        let limit = of.map_or(0.0, |of| of.limit);
        move |row| {
            let values = watched.iter().map(|k| row[*k]);
            let sum: f32 = values.filter(|x| x.is_finite()).sum();
            !watched.is_empty() && sum < limit
        }
    }
}
