//! Rows that lack inputs of a model.

use crate::text::number::{count, counted};

/// Variables that are named.
const NAMED: usize = 5;

/// Counts of rows that lack inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lacking {
    rows: u64,
    lacking: u64,
    /// Of each variable.
    of: Vec<u64>,
}

impl Lacking {
    /// Takes a row: the variables it lacks, of `variables`.
    pub fn take(&mut self, missing: &[usize], variables: usize) {
        self.of.resize(variables, 0);
        self.rows += 1;
        self.lacking += u64::from(!missing.is_empty());
        for variable in missing {
            if let Some(times) = self.of.get_mut(*variable) {
                *times += 1;
            }
        }
    }

    /// The counts in words; `None` without any.
    pub fn said(&self, names: &[String]) -> Option<String> {
        if self.lacking == 0 {
            return None;
        }
        let times = self.of.iter().zip(names).filter(|(times, _)| **times > 0);
        let mut of: Vec<(u64, &String)> = times.map(|(times, name)| (*times, name)).collect();
        of.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
        let named = of.iter().take(NAMED);
        let named: Vec<String> = named
            .map(|(times, name)| format!("{name} {}", count(*times)))
            .collect();
        let mut said = format!(
            "inputs missing in {} of {}: {}",
            count(self.lacking),
            counted(self.rows, "row"),
            named.join(", ")
        );
        if let Some(rest @ 1..) = of.len().checked_sub(NAMED) {
            said += &format!(" and {}", counted(rest as u64, "other variable"));
        }
        said += "; faults of these variables are not seen there";
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_inputs_are_counted_by_name() {
        let mut lacking = Lacking::default();
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        lacking.take(&[], 3);
        assert_eq!(lacking.said(&names), None);
        lacking.take(&[2], 3);
        lacking.take(&[0, 2], 3);
        let said = lacking.said(&names).unwrap();
        assert!(
            said.starts_with("inputs missing in 2 of 3 rows: c 2, a 1;"),
            "{said}"
        );
    }
}
