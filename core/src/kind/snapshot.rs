//! Saving and restoring kinds, within the snapshot of a sentinel.

use super::finding::{Found, Kind};
use super::track::Track;
use super::{EVERY, Kinds};
use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// Bytes of a variable in a snapshot, at most: a float, six varints of 16 bits, two bytes.
const SAVED_MAX: usize = 4 + 6 * 3 + 2;

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
        body.put(&(self.row, self.begun));
        body.put(&(gaps, variable, leap, shift, run, code, flags));
        for (usual, track) in self.usual.iter().zip(&self.tracks) {
            body.put(usual);
            body.put(&(track.fast, track.slow, track.calm));
            body.put(&(track.activity, track.jump, track.leap));
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
        let (row, begun) = body.take()?;
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
        let whole = row < EVERY
            && (0.0..=1.0).contains(&gaps)
            && usize::from(variable) < V
            && usize::from(code) <= Kind::ALL.len()
            && flags < 4
            && (code > 0 || found == Found::NONE);
        if !whole {
            return Err(body.content());
        }
        for (place, track) in self.usual.iter_mut().zip(&mut self.tracks) {
            let usual: f32 = body.take()?;
            let (fast, slow, calm) = body.take()?;
            let (activity, jump, leap) = body.take()?;
            let (large, outside) = body.take()?;
            if !(usual.is_finite() && usual >= 0.0) {
                return Err(body.content());
            }
            if commit {
                *place = usual;
                *track = Track {
                    fast,
                    slow,
                    calm,
                    activity,
                    jump,
                    leap,
                    large,
                    outside,
                };
            }
        }
        if commit {
            (self.found, self.row, self.begun) = (found, row, begun);
        }
        Ok(())
    }
}
