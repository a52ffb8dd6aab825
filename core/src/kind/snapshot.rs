//! Saving and restoring kinds, within the snapshot of a sentinel.

use super::Kinds;
use super::finding::{Found, Kind};
use super::track::Track;
use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// Bytes of a variable in a snapshot, at most: four varints of 16 bits, two bytes.
const SAVED_MAX: usize = 4 * 3 + 2;

impl<const V: usize> Kinds<V> {
    /// Bytes in a snapshot, at most.
    pub(crate) const SAVED_MAX: usize = if V == 0 { 0 } else { 20 + V * SAVED_MAX };

    /// Appends the state to a snapshot.
    pub(crate) fn save_body(&self, body: &mut Writer<'_>) {
        if V == 0 {
            return;
        }
        let Found {
            gaps,
            variable,
            leap,
            shift,
            run,
            code,
            flags,
        } = self.found;
        body.put(&self.begun);
        body.put(&(gaps, variable, leap, shift, run, code, flags));
        for track in &self.tracks {
            body.put(&(track.fast, track.slow, track.jump, track.leap));
            body.put(&(track.large, track.outside));
        }
    }

    /// Takes the state from a snapshot; stores it if `commit`. A body that ends here is one from before there
    /// were kinds: they begin anew.
    pub(crate) fn restore_body(
        &mut self,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        if V == 0 {
            return Ok(());
        }
        if body.is_at_end() {
            if commit {
                self.reset();
            }
            return Ok(());
        }
        let begun = body.take()?;
        let (gaps, variable, leap, shift, run, code, flags) = body.take()?;
        let found = Found {
            gaps,
            variable,
            leap,
            shift,
            run,
            code,
            flags,
        };
        let whole = (0.0..=1.0).contains(&gaps)
            && usize::from(variable) < V
            && usize::from(code) <= Kind::ALL.len()
            && flags < 4
            && (code > 0 || found == Found::NONE);
        if !whole {
            return Err(body.content());
        }
        for place in &mut self.tracks {
            let (fast, slow, jump, leap) = body.take()?;
            let (large, outside) = body.take()?;
            if commit {
                *place = Track {
                    fast,
                    slow,
                    jump,
                    leap,
                    large,
                    outside,
                };
            }
        }
        if commit {
            (self.found, self.begun) = (found, begun);
        }
        Ok(())
    }
}
