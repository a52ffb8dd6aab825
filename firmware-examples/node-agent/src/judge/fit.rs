//! Fits in the background, one at a time: a thread that rests between reads, so that it takes a small share of a
//! core.

use super::model::{self, Model};
use super::rows::Stored;
use anyhow::anyhow;
use bellwether::Reading;
use bellwether::node::Confidence;
use bellwether::node::fit::Rows;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Work between two rests.
const STINT: Duration = Duration::from_millis(2);
/// Room for the largest model on the way to the heap.
const STACK: usize = 8 << 20;

/// Rows that are read with rests.
struct Paced {
    rows: Stored,
    /// Rest per work; 0: none.
    rest: f32,
    since: Instant,
}

impl Rows for Paced {
    fn count(&self) -> u32 {
        self.rows.count()
    }

    fn read(&mut self, row: u32, frame: &mut [Reading]) {
        if self.rest > 0.0 {
            let worked = self.since.elapsed();
            if worked >= STINT {
                thread::sleep(worked.min(Duration::from_secs(1)).mul_f32(self.rest));
                self.since = Instant::now();
            }
        }
        self.rows.read(row, frame);
    }
}

/// A fit and how sure it is.
pub type Fitted = (Box<dyn Model>, Confidence);

/// The fit of a group that is being made.
pub struct Fitting {
    /// Place of the group.
    pub group: usize,
    /// Whether it is to be the second model.
    pub second: bool,
    /// Frames that it is fitted to.
    pub frames: u32,
    thread: JoinHandle<anyhow::Result<Fitted>>,
}

impl Fitting {
    /// Starts one that takes at most a share of a core.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn start(
        (group, second): (usize, bool),
        (variables, trim, share): (usize, f32, f32),
        rows: Stored,
    ) -> anyhow::Result<Self> {
        let frames = rows.count();
        let fit = move || {
            let rows = Paced {
                rows,
                rest: (1.0 / share - 1.0).max(0.0),
                since: Instant::now(),
            };
            model::fit(variables, trim, rows)
        };
        let thread = thread::Builder::new().name("fit".into());
        let thread = thread.stack_size(STACK).spawn(fit)?;
        Ok(Self {
            group,
            second,
            frames,
            thread,
        })
    }

    /// Whether it is done.
    pub fn is_done(&self) -> bool {
        self.thread.is_finished()
    }

    /// The fit; waits for it.
    ///
    /// # Errors
    /// It failed.
    pub fn end(self) -> anyhow::Result<Fitted> {
        let ended = self.thread.join();
        ended.map_err(|_| anyhow!("the fit came to a sudden end"))?
    }
}
