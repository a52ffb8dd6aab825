//! A lane of the last row: a number that a score is made from.

/// A lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    /// In a word.
    pub name: &'static str,
    /// Its value in the row.
    pub value: f32,
    /// The value up to which it says nothing.
    pub usual: f32,
    /// Its surprise, from 0.
    pub surprise: f32,
}
