//! What a linked firmware is made of: its symbols, and the bytes it takes.

use anyhow::Context;
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, elf};
use std::fmt;
use std::path::Path;

/// Parts of mangled names, old and new, that only code which can panic leaves in a program:
/// `core::panicking` and what it calls, and the cold functions that call it.
const PANIC: [&str; 7] = [
    "core9panicking",
    "core::panicking",
    "rust_begin_unwind",
    "rust_panic",
    "13unwrap_failed",
    "13expect_failed",
    "slice_index_fail",
];

/// Symbols that stand for a panic path.
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

/// Bytes of a firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Code, constants and initial values.
    pub flash: u64,
    /// Static variables; the stack is not in it.
    pub ram: u64,
}

impl Size {
    /// Adds up the sections of an ELF.
    ///
    /// # Errors
    /// The file is no ELF.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        let file = object::File::parse(&*bytes)?;
        let mut size = Self { flash: 0, ram: 0 };
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags } = section.flags() else {
                continue;
            };
            if sh_flags & u64::from(elf::SHF_ALLOC) == 0 {
                continue;
            }
            if section.kind() != SectionKind::UninitializedData {
                size.flash += section.size();
            }
            if sh_flags & u64::from(elf::SHF_WRITE) != 0 {
                size.ram += section.size();
            }
        }
        Ok(size)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flash={} ram={}", self.flash, self.ram)
    }
}
