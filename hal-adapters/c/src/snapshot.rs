//! Saving and restoring what was learned: to memory, or in pieces of 64 bytes to flash.

use crate::code::{BW_ERR_NULL, BW_ERR_STORAGE, BW_OK, of_snapshot};
use crate::detector::bw_detector;
use crate::memory::{self, code, state, state_mut};
use bellwether::{Snapshot, TransferError};
use core::ffi::c_void;

/// Takes a piece of a snapshot, at most 64 bytes. Any other answer than 0 ends the saving.
pub type bw_sink =
    Option<unsafe extern "C" fn(context: *mut c_void, piece: *const u8, bytes: usize) -> i32>;

/// Fills a piece of a snapshot, at most 64 bytes, from an offset. Any other answer than 0 ends the restoring.
pub type bw_source = Option<
    unsafe extern "C" fn(context: *mut c_void, offset: usize, piece: *mut u8, bytes: usize) -> i32,
>;

pub(crate) fn restore(detector: &mut bw_detector, bytes: &[u8]) -> Result<i32, i32> {
    let next = detector.guard.restore(&detector.rules, bytes);
    detector.next = next.map_err(of_snapshot)?.0;
    Ok(BW_OK)
}

fn of_transfer(error: TransferError<()>) -> i32 {
    match error {
        TransferError::Snapshot(error) => of_snapshot(error),
        _ => BW_ERR_STORAGE,
    }
}

/// Saves what was learned. `*used` becomes the number of bytes; `BW_SNAPSHOT_MAX` always suffice. The bytes are the
/// same on every target.
///
/// # Safety
/// `detector` is null or what `bw_init` began; `buffer` points to `room` bytes, `used` to a `size_t`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_save(
    detector: *const bw_detector,
    buffer: *mut u8,
    room: usize,
    used: *mut usize,
) -> i32 {
    let save = || {
        // SAFETY: the caller's contract.
        let (detector, buffer) = unsafe { (state(detector)?, memory::slice_mut(buffer, room)?) };
        memory::usable(used)?;
        let saved = detector.guard.save(&detector.rules, buffer);
        // SAFETY: the caller's contract.
        unsafe { memory::put(used, saved.map_err(of_snapshot)?) }.map(|()| BW_OK)
    };
    code(save())
}

/// Replaces what was learned by what was saved. A refused snapshot changes nothing.
///
/// # Safety
/// `detector` is null or what `bw_init` began; `snapshot` points to `bytes` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_restore(
    detector: *mut bw_detector,
    snapshot: *const u8,
    bytes: usize,
) -> i32 {
    let read = || {
        // SAFETY: the caller's contract.
        let (detector, snapshot) =
            unsafe { (state_mut(detector)?, memory::slice(snapshot, bytes)?) };
        restore(detector, snapshot)
    };
    code(read())
}

/// As `bw_save`, in pieces of 64 bytes, the last one shorter: no memory holds the snapshot. `used` may be `NULL`.
///
/// # Safety
/// `detector` is null or what `bw_init` began; `sink` can be called with `context`, and does not use the detector.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_save_to(
    detector: *const bw_detector,
    sink: bw_sink,
    context: *mut c_void,
    used: *mut usize,
) -> i32 {
    let save = || {
        // SAFETY: the caller's contract.
        let detector = unsafe { state(detector) }?;
        let sink = sink.ok_or(BW_ERR_NULL)?;
        let saved = detector.guard.save_to(&detector.rules, &mut |piece| {
            // SAFETY: the caller's contract; the piece is valid during the call.
            match unsafe { sink(context, piece.as_ptr(), piece.len()) } {
                0 => Ok(()),
                _ => Err(()),
            }
        });
        let saved = saved.map_err(of_transfer)?;
        if !used.is_null() {
            // SAFETY: the caller's contract.
            unsafe { memory::put(used, saved) }?;
        }
        Ok(BW_OK)
    };
    code(save())
}

/// As `bw_restore`, in pieces of at most 64 bytes. The snapshot is read twice; nothing changes in the first pass. If
/// only the second one fails, everything is forgotten: half a state never remains.
///
/// # Safety
/// `detector` is null or what `bw_init` began; `source` can be called with `context`, fills the piece, and does not
/// use the detector.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_restore_from(
    detector: *mut bw_detector,
    source: bw_source,
    context: *mut c_void,
) -> i32 {
    let read = || {
        // SAFETY: the caller's contract.
        let detector = unsafe { state_mut(detector) }?;
        let source = source.ok_or(BW_ERR_NULL)?;
        let next = detector
            .guard
            .restore_from(&detector.rules, &mut |offset, piece| {
                // SAFETY: the caller's contract; the piece is valid during the call.
                match unsafe { source(context, offset, piece.as_mut_ptr(), piece.len()) } {
                    0 => Ok(()),
                    _ => Err(()),
                }
            });
        detector.next = next.map_err(of_transfer)?.0;
        Ok(BW_OK)
    };
    code(read())
}
