//! The subset of FlatBuffers for `.tflite` files, over untrusted bytes: every offset is checked,
//! nothing panics, nothing is followed twice.
//!
//! A table begins with a signed distance back to its vtable; a vtable holds its own size, the
//! table's size, and one 16-bit position per field (0: absent). Strings, vectors and tables
//! are reached by unsigned distances forward. Everything is little-endian.

use std::fmt;

/// A problem in the structure of a file, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Bytes into the file.
    pub offset: usize,
    /// The expected content.
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, expected } = self;
        write!(f, "byte {offset}: expected {expected}")?;
        // The identifier is at byte 4; whatever has it began as such a file.
        if *offset == 4 {
            return Ok(());
        }
        f.write_str("; the file is damaged or ends early: export or download it again")
    }
}

impl std::error::Error for Malformed {}

type Result<T> = std::result::Result<T, Malformed>;

fn chunk<const K: usize>(bytes: &[u8], at: usize, expected: &'static str) -> Result<[u8; K]> {
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.first_chunk().copied();
    found.ok_or(Malformed {
        offset: at,
        expected,
    })
}

fn u16_at(bytes: &[u8], at: usize, expected: &'static str) -> Result<usize> {
    chunk(bytes, at, expected).map(|b| usize::from(u16::from_le_bytes(b)))
}

fn u32_at(bytes: &[u8], at: usize, expected: &'static str) -> Result<usize> {
    chunk(bytes, at, expected).map(|b| u32::from_le_bytes(b) as usize)
}

/// Follows the distance forward that is stored at `at`.
fn follow(bytes: &[u8], at: usize, expected: &'static str) -> Result<usize> {
    let target = at.checked_add(u32_at(bytes, at, expected)?);
    target
        .filter(|target| *target < bytes.len())
        .ok_or(Malformed {
            offset: at,
            expected,
        })
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    vtable: usize,
    vtable_bytes: usize,
}

impl<'a> Table<'a> {
    /// The root table of a file with this identifier.
    ///
    /// # Errors
    /// The identifier is another, or the table does not lie in the file.
    pub fn root(bytes: &'a [u8], identifier: [u8; 4], expected: &'static str) -> Result<Self> {
        if chunk(bytes, 4, expected)? != identifier {
            return Err(Malformed {
                offset: 4,
                expected,
            });
        }
        Self::open(bytes, follow(bytes, 0, expected)?, expected)
    }

    fn open(bytes: &'a [u8], at: usize, expected: &'static str) -> Result<Self> {
        let wrong = Malformed {
            offset: at,
            expected,
        };
        let back = i32::from_le_bytes(chunk(bytes, at, expected)?);
        let vtable = i64::try_from(at).unwrap_or(i64::MAX) - i64::from(back);
        let vtable = usize::try_from(vtable).map_err(|_| wrong)?;
        let vtable_bytes = u16_at(bytes, vtable, expected)?;
        let end = vtable.checked_add(vtable_bytes).ok_or(wrong)?;
        if vtable_bytes < 4 || end > bytes.len() {
            return Err(wrong);
        }
        Ok(Self {
            bytes,
            at,
            vtable,
            vtable_bytes,
        })
    }

    /// Position of field `index`, `None` if it is absent.
    fn field(&self, index: usize, expected: &'static str) -> Result<Option<usize>> {
        let slot = 4 + 2 * index;
        if slot + 2 > self.vtable_bytes {
            return Ok(None);
        }
        let distance = u16_at(self.bytes, self.vtable + slot, expected)?;
        Ok((distance != 0).then_some(self.at + distance))
    }

    /// Where the table begins in the file.
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// A byte; `default` if absent.
    ///
    /// # Errors
    /// It does not lie in the file. So with all fields.
    pub fn byte(&self, index: usize, default: i8, expected: &'static str) -> Result<i8> {
        self.field(index, expected)?.map_or(Ok(default), |at| {
            chunk(self.bytes, at, expected).map(i8::from_le_bytes)
        })
    }

    /// A 32-bit integer; `default` if absent.
    ///
    /// # Errors
    /// It does not lie in the file.
    pub fn int(&self, index: usize, default: i32, expected: &'static str) -> Result<i32> {
        self.field(index, expected)?.map_or(Ok(default), |at| {
            chunk(self.bytes, at, expected).map(i32::from_le_bytes)
        })
    }

    /// A table.
    ///
    /// # Errors
    /// It does not lie in the file.
    pub fn table(&self, index: usize, expected: &'static str) -> Result<Option<Self>> {
        let Some(at) = self.field(index, expected)? else {
            return Ok(None);
        };
        Self::open(self.bytes, follow(self.bytes, at, expected)?, expected).map(Some)
    }

    /// A vector of elements of `K` bytes; empty if absent.
    ///
    /// # Errors
    /// It does not lie in the file.
    pub fn vector<const K: usize>(
        &self,
        index: usize,
        expected: &'static str,
    ) -> Result<&'a [[u8; K]]> {
        Ok(self.placed(index, expected)?.1)
    }

    /// A vector and where its elements begin.
    fn placed<const K: usize>(
        &self,
        index: usize,
        expected: &'static str,
    ) -> Result<(usize, &'a [[u8; K]])> {
        let Some(at) = self.field(index, expected)? else {
            return Ok((0, &[]));
        };
        let start = follow(self.bytes, at, expected)?;
        let length = u32_at(self.bytes, start, expected)?;
        let body = self.bytes.get(start + 4..).unwrap_or_default();
        let elements = length.checked_mul(K).and_then(|size| body.get(..size));
        let elements = elements.ok_or(Malformed {
            offset: start,
            expected,
        })?;
        Ok((start + 4, elements.as_chunks().0))
    }

    /// A vector of 32-bit integers; empty if absent.
    ///
    /// # Errors
    /// It does not lie in the file.
    pub fn ints(&self, index: usize, expected: &'static str) -> Result<Vec<i32>> {
        let all = self.vector::<4>(index, expected)?;
        Ok(all.iter().map(|b| i32::from_le_bytes(*b)).collect())
    }

    /// Element `k` of a vector of tables.
    ///
    /// # Errors
    /// There is no such element, or it does not lie in the file.
    pub fn nth(&self, index: usize, k: usize, expected: &'static str) -> Result<Self> {
        let (start, all) = self.placed::<4>(index, expected)?;
        if k >= all.len() {
            return Err(Malformed {
                offset: self.at,
                expected,
            });
        }
        let at = follow(self.bytes, start + 4 * k, expected)?;
        Self::open(self.bytes, at, expected)
    }

    /// Elements of a vector of tables.
    ///
    /// # Errors
    /// It does not lie in the file.
    pub fn count(&self, index: usize, expected: &'static str) -> Result<usize> {
        self.vector::<4>(index, expected).map(<[_]>::len)
    }
}
