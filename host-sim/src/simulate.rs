//! Recordings without a data set: a server node, plants of several kinds, and faults in any
//! recording.

pub mod corpus;
pub mod fault;
pub mod fleet;
pub mod node;
