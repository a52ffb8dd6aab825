//! Votes: one answer from several, by a majority of variables or by k of the last n.

pub mod k_of_n;
pub mod majority;
