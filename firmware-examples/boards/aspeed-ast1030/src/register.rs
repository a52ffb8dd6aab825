//! Registers of 32 bits.

/// Registers of a device, from its base address.
#[derive(Debug)]
pub struct Registers {
    base: usize,
}

impl Registers {
    /// Registers at a base address.
    ///
    /// # Safety
    /// All words that are read and written from here on are registers of one device, which nothing else uses.
    pub const unsafe fn at(base: usize) -> Self {
        Self { base }
    }

    /// Reads the register at an offset.
    pub fn read(&self, offset: usize) -> u32 {
        // SAFETY: it is a register, by the contract of `at`.
        unsafe { ((self.base + offset) as *const u32).read_volatile() }
    }

    /// Writes the register at an offset.
    pub fn write(&self, offset: usize, value: u32) {
        // SAFETY: it is a register, by the contract of `at`.
        unsafe { ((self.base + offset) as *mut u32).write_volatile(value) }
    }
}
