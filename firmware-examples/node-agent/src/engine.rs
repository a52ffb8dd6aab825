//! The daemon: a wake-up a second, from readings to events and state.
//!
//! ```text
//! sleep until the next second, a signal or a request
//!   └▶ job file ─ readers ─ judge ─▶ events ─ journal ─ outbox
//!                                └─▶ status, once a frame ─ outbox; state, every five minutes ─ keeper
//! ```
//!
//! One thread does this; sources, outputs, the disk and the socket have their own and are never waited for, except
//! sources, within a limit. Nothing here acts on the machine.

mod cost;
mod daemon;
mod job;
mod node;
mod notify;
mod quiet;
mod request;
mod settings;
mod socket;
mod timeline;
mod wake;

pub use cost::{Cost, resident, switches};
pub use daemon::run;
pub use job::JobFile;
pub use node::{Node, folder_of_rows};
pub use quiet::settle;
pub use request::{Answer, Brief, Request};
pub use settings::{Scheduler, Settings};
pub use socket::{Asked, Socket, request as ask};
pub use timeline::{Timeline, Wall, ms};
pub use wake::{Bell, Sleeper};
