//! Frames and verdicts in NATS JetStream: replayed, judged by workers that share the nodes, and merged.
//!
//! A stream holds the frames, a subject per node, and a message about each node. A durable consumer hands these
//! messages out: who holds one judges that node, and a worker that falls silent loses it to another. State is
//! rebuilt from the frames, since a detector gives the same bits again; what was published is not published a
//! second time, because every piece says which one it follows and the server refuses it otherwise.

pub mod frame;
mod frames;
mod link;
pub mod merge;
pub mod replay;
mod sending;
pub mod serve;
mod worker;

pub use link::Server;
use link::{Link, last, next, runtime};
