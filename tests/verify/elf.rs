//! Panic code in a linked firmware.

use anyhow::Context;
use object::{Object, ObjectSymbol};
use std::path::Path;

/// Parts of mangled names, old and new, that only panicking code leaves in a program:
/// `core::panicking` with its callees, and the cold functions that call it.
const PANIC: [&str; 7] = [
    "core9panicking",
    "core::panicking",
    "rust_begin_unwind",
    "rust_panic",
    "13unwrap_failed",
    "13expect_failed",
    "slice_index_fail",
];

/// Symbols of panic paths.
///
/// # Errors
/// The file is no ELF with a symbol table.
pub fn panic_symbols(path: &Path) -> anyhow::Result<Vec<String>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let file = object::File::parse(&*bytes)?;
    let names: Vec<&str> = file
        .symbols()
        .filter_map(|symbol| symbol.name().ok())
        .collect();
    // A stripped file would pass every check.
    anyhow::ensure!(
        names.iter().any(|name| *name == "main" || *name == "Reset"),
        "{} has no symbol table",
        path.display()
    );
    let found = names
        .into_iter()
        .filter(|name| PANIC.iter().any(|part| name.contains(part)));
    Ok(found.map(str::to_owned).collect())
}
