//! Bytes of a linked firmware.

use anyhow::Context;
use object::{Object, ObjectSection, SectionFlags, SectionKind, elf};
use std::fmt;
use std::path::Path;

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
            // On RISC-V the start-up code has a section for the stack, all memory that is left.
            let is_stack = section.name() == Ok(".stack");
            if sh_flags & u64::from(elf::SHF_ALLOC) == 0 || is_stack {
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
