//! Arguments that several subcommands share.

pub mod head;
pub mod model;
pub mod output;
pub mod quantising;
pub mod source;
