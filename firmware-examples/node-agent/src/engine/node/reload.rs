//! The node's change to another configuration: nothing learned is lost.

use super::{FAREWELL, Node, close, job_file, readers, trained};
use crate::config::Config;
use crate::engine::{folder_of_rows, settle};
use crate::judge::Judge;
use crate::outputs;
use crate::sources;
use anyhow::Context as _;
use bellwether::{Cause, Reading};
use std::sync::Arc;

impl Node {
    /// Takes a new configuration with all that was learned. Sources are looked for again.
    ///
    /// # Errors
    /// A source or an output cannot be opened; the old configuration goes on.
    pub fn reload(&mut self, mut config: Config) -> anyhow::Result<()> {
        for (key, old, new) in [
            ("state", &self.config.agent.state, &mut config.agent.state),
            (
                "socket",
                &self.config.agent.socket,
                &mut config.agent.socket,
            ),
        ] {
            if old != new {
                eprintln!("bellwether-agent: agent.{key} changes at the next start");
                new.clone_from(old);
            }
        }
        let name = config.agent.name();
        let readers = readers(&config, sources::open(&config.sources)?)?;
        let rows = folder_of_rows(&config.agent)?;
        let mut judge = Judge::new(&name, readers.channels(), &config.judge, rows.as_deref())?;
        judge.set_trained(trained(&config.agent, &name, &readers)?);
        let taken = judge.restore(&self.judge.save())?;
        let changed = |config: &Config, name: &str| format!("{name} {:?}", config.outputs);
        if changed(&config, &name) != changed(&self.config, &self.name) {
            self.reopen(&config, &name)?;
        }
        if let Err(error) = settle(&config.agent) {
            eprintln!("bellwether-agent: {error:#}");
        }
        self.readings = vec![Reading::Absent(Cause::Missing); readers.channels().len()];
        self.job = job_file(&config.agent);
        (self.name, self.readers, self.judge, self.config) = (name, readers, judge, config);
        self.shown = false;
        eprintln!("bellwether-agent: the configuration was read again: {taken}");
        Ok(())
    }

    /// Closes the outputs and opens those of another configuration, or the old ones again.
    fn reopen(&mut self, config: &Config, name: &str) -> anyhow::Result<()> {
        // The same address can be bound only after it was given up.
        self.keeper.flush(FAREWELL);
        let old = std::mem::take(&mut self.outbox);
        close(old, FAREWELL);
        let opened = outputs::open(&config.outputs, name);
        let (outbox, result) = match opened {
            Ok(outbox) => (outbox, Ok(())),
            Err(error) => {
                let again = outputs::open(&self.config.outputs, &self.name);
                (
                    again.context("the old outputs cannot be opened again")?,
                    Err(error),
                )
            }
        };
        self.outbox = Arc::new(outbox);
        result
    }
}
