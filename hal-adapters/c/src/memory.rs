//! Pointers from C: checked for null, alignment and length before they are used.

use crate::code::{BW_ERR_ALIGN, BW_ERR_NULL, BW_ERR_STATE};

/// A state in memory of the caller, with a word that tells whether it was initialised.
pub trait Marked {
    /// The word of an initialised state of this archive.
    const MARK: u32;
    /// The place of the word.
    ///
    /// # Safety
    /// The pointer is that of memory of this type's size.
    unsafe fn mark(state: *const Self) -> *const u32;
}

/// Whether a pointer can be used for a `T`.
pub fn usable<T>(pointer: *const T) -> Result<(), i32> {
    if pointer.is_null() {
        Err(BW_ERR_NULL)
    } else if !pointer.is_aligned() {
        Err(BW_ERR_ALIGN)
    } else {
        Ok(())
    }
}

/// An initialised state.
///
/// # Safety
/// The pointer is null, not aligned, or that of memory of this type's size, which was written, nobody else uses
/// during `'a` and, if its mark is right, only this library wrote to.
pub unsafe fn state<'a, T: Marked>(pointer: *const T) -> Result<&'a T, i32> {
    usable(pointer)?;
    // SAFETY: not null, aligned, and of this size by the contract; every pattern of a u32 is valid.
    let mark = unsafe { T::mark(pointer).read() };
    if mark != T::MARK {
        return Err(BW_ERR_STATE);
    }
    // SAFETY: as above; the mark is written after all the rest.
    Ok(unsafe { &*pointer })
}

/// An initialised state, to be changed.
///
/// # Safety
/// As [`state`].
pub unsafe fn state_mut<'a, T: Marked>(pointer: *mut T) -> Result<&'a mut T, i32> {
    // SAFETY: the same contract.
    unsafe { state(pointer) }?;
    // SAFETY: checked by `state`, whose reference has ended.
    Ok(unsafe { &mut *pointer })
}

/// `count` values.
///
/// # Safety
/// The pointer is null, not aligned, or that of so many values that nobody changes during `'a`. With a count of 0
/// it may be anything.
pub unsafe fn slice<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], i32> {
    if count == 0 {
        return Ok(&[]);
    }
    usable(pointer)?;
    // SAFETY: not null, aligned, and of so many values by the contract.
    Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
}

/// `count` values, to be changed.
///
/// # Safety
/// As [`slice`], and nobody else reads them.
pub unsafe fn slice_mut<'a, T>(pointer: *mut T, count: usize) -> Result<&'a mut [T], i32> {
    if count == 0 {
        return Ok(&mut []);
    }
    usable(pointer)?;
    // SAFETY: not null, aligned, and of so many values by the contract.
    Ok(unsafe { core::slice::from_raw_parts_mut(pointer, count) })
}

/// Writes a result of the caller.
///
/// # Safety
/// The pointer is null, not aligned, or that of a `T`.
pub unsafe fn put<T>(pointer: *mut T, value: T) -> Result<(), i32> {
    usable(pointer)?;
    // SAFETY: not null, aligned, and that of a `T` by the contract.
    unsafe { pointer.write(value) };
    Ok(())
}

/// The code of a result.
pub fn code(result: Result<i32, i32>) -> i32 {
    result.unwrap_or_else(|code| code)
}
