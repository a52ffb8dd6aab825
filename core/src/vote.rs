//! Votes: one answer from several, by a majority of variables, by k of the last n, or by voters of whom each has a
//! record.

pub mod k_of_n;
pub mod majority;
pub mod weighted;
