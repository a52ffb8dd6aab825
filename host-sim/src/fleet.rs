//! Recordings of many nodes: judged in shards, merged, ranked, and compared with their peers.

pub mod compare;
pub mod counts;
pub mod judging;
pub mod line;
pub mod merge;
pub mod node;
pub mod plan;
pub mod rank;
pub mod results;
pub mod shard;
#[cfg(feature = "fleet")]
pub mod stream;
