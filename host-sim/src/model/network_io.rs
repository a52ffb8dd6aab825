//! The context of a network: its variables, frames and head.

use super::names::Variables;
use bellwether::model::Head;

/// Inputs and outputs of a network, as readings and scores.
#[derive(Clone, Debug)]
pub struct NetworkIo {
    /// The variables of a frame.
    pub variables: Variables,
    /// Frames that enter the network together.
    pub window: usize,
    /// The meaning of the outputs.
    pub head: Head,
}

impl NetworkIo {
    /// Whether outputs are compared with inputs.
    pub fn reconstructs(&self) -> bool {
        self.head == Head::Reconstruction
    }
}
