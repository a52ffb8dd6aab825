//! Detectors that are larger than a thread's stack: an unoptimised build makes a value there before it
//! moves to the heap.

use anyhow::anyhow;

/// The stack on which a detector is made.
const STACK_BYTES: usize = 256 << 20;

/// The result of `make`, on a stack with room for it.
///
/// # Errors
/// There is no memory for it.
pub fn boxed<T: ?Sized + Send + 'static>(
    make: impl FnOnce() -> Box<T> + Send + 'static,
) -> anyhow::Result<Box<T>> {
    let made = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(make)?;
    made.join()
        .map_err(|_| anyhow!("no memory for the detector"))
}
