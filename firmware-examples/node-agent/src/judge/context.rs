//! The context of a sample: the job that runs, maintenance, and the peers that run the same job.

/// A job on this node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Its identity.
    pub id: String,
    /// Its name; may be empty.
    pub name: String,
    /// Begin, in milliseconds since 1970.
    pub started_ms: u64,
    /// Names of its nodes; may be empty.
    pub nodes: Vec<String>,
}

/// A channel at the peers of the same job.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeerValue {
    /// Median of the peers' values, each in deviations of its own node from its own mean
    /// ([`Judge::scaled`](super::Judge::scaled)); NaN if it is unknown.
    pub scaled: f32,
    /// Median of their values in the unit of the channel; NaN if it is unknown.
    pub median: f32,
    /// Deviation of their values; NaN if it is unknown.
    pub deviation: f32,
}

/// Peers of this node in its job, this node not included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Peers {
    /// Identity of their job. They are ignored if it is not that of this node.
    pub job: String,
    /// Number of peers. Fewer than two are ignored.
    pub nodes: usize,
    /// A value per channel, in the order of the channels.
    pub values: Vec<PeerValue>,
}

/// The knowledge beside the readings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// The job that runs.
    pub job: Option<Job>,
    /// Whether somebody works on the node: nothing is told.
    pub maintenance: bool,
    /// Peers in the same job.
    pub peers: Option<Peers>,
}
