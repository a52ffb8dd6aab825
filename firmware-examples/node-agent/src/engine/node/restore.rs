//! The node's past: the newest state that is whole, and the journal's facts behind it.

use super::Node;
use crate::state::{Journal, Keeper, Record, Store};
use std::path::Path;

impl Node {
    /// Restores the newest state that is whole, and the journal's facts behind it.
    pub(super) fn take_over(&mut self, folder: &Path) -> anyhow::Result<()> {
        let store = Store::open(folder)?;
        let mut told = Vec::new();
        let journal = Journal::open(store.folder(), &mut told)?;
        let judge = &mut self.judge;
        let mut line = "starts fresh".to_owned();
        let found = store.load(&mut told, |header, bytes| {
            let taken = judge.restore(bytes)?;
            line = format!("goes on after {} samples: {taken}", header.samples);
            Ok(())
        });
        told.push(format!("{}: {line}", store.folder().display()));
        for line in told {
            eprintln!("bellwether-agent: {line}");
        }
        let newest = found.unwrap_or_default();
        self.samples = newest.samples;
        for (number, record) in journal.records() {
            let news = *number > newest.record;
            match record {
                Record::Event(event) if news => self.judge.adopt(event),
                Record::Event(_) => {}
                Record::Acknowledged(id) => {
                    if self.judge.acknowledge(*id) {
                        self.acknowledged.insert(*id);
                    }
                }
                Record::Accepted(group) if news => {
                    self.judge.accept(group);
                }
                Record::Accepted(_) => {}
                Record::Silence(until_ms) => self.judge.silence(*until_ms),
                Record::Maintenance(on) => self.context.maintenance = *on,
            }
        }
        self.keeper = Keeper::start(store, journal, newest)?;
        Ok(())
    }
}
