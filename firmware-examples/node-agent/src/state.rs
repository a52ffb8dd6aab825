//! State: what was learned and said, kept over restarts, crashes and damage.
//!
//! ```text
//! state.bin      the newest state      ─ temporary file, fsync, rename, fsync of the folder
//! state.1.bin    the one before it
//! journal        acknowledgements, silences and events since then, each on disk before it is told
//! *.damaged-N    files that were refused, the last few
//! ```
//!
//! A start takes the newest whole state that the judgement accepts, and then the journal's records behind it.

pub mod file;
pub mod journal;
mod keeper;

pub use file::{Header, Store};
pub use journal::{Journal, Record};
pub use keeper::{Keeper, Saved, Then};
