//! Rows that lack inputs of a model.

use crate::text::number::{by_name, count, counted};

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
        Some(format!(
            "inputs missing in {} of {}: {}; faults of these variables are not seen there",
            count(self.lacking),
            counted(self.rows, "row"),
            by_name(&self.of, names)
        ))
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
