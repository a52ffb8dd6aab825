//! An initramfs: files as the kernel unpacks them at its start, in the form `newc` of cpio.

/// Mode of a folder, and of a file that may be run.
const FOLDER: u32 = 0o040_755;
const FILE: u32 = 0o100_755;
/// The name that ends an archive.
const END: &str = "TRAILER!!!";

/// An archive being written.
#[derive(Default)]
pub struct Initramfs(Vec<u8>);

impl Initramfs {
    /// Adds a folder. The folders above it come before it.
    pub fn folder(&mut self, path: &str) {
        self.entry(path, FOLDER, &[]);
    }

    /// Adds a file of root that everybody may run.
    pub fn file(&mut self, path: &str, bytes: &[u8]) {
        self.entry(path, FILE, bytes);
    }

    /// The archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry(END, 0, &[]);
        self.0
    }

    fn entry(&mut self, path: &str, mode: u32, bytes: &[u8]) {
        // Inode, mode, owner, group, links, time, bytes, four numbers of devices, name with its zero, checksum.
        let (length, name) = (bytes.len() as u32, path.len() as u32 + 1);
        let fields = [0, mode, 0, 0, 1, 0, length, 0, 0, 0, 0, name, 0];
        self.0.extend(b"070701");
        for field in fields {
            self.0.extend(format!("{field:08X}").bytes());
        }
        self.0.extend(path.bytes());
        self.0.push(0);
        self.align();
        self.0.extend(bytes);
        self.align();
    }

    fn align(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a part is not aligned, or a length counts the padding: the kernel would find no next header.
    #[test]
    fn each_header_is_where_the_lengths_of_the_one_before_it_say() {
        let mut archive = Initramfs::default();
        archive.folder("dev");
        archive.file("init", b"#!/bin/sh\n");
        let bytes = archive.finish();
        let number = |at: usize, field: usize| {
            let text = std::str::from_utf8(&bytes[at + 6 + 8 * field..at + 14 + 8 * field]);
            usize::from_str_radix(text.unwrap(), 16).unwrap()
        };
        let (mut at, mut names) = (0, Vec::new());
        while at < bytes.len() {
            assert_eq!(&bytes[at..at + 6], b"070701");
            let (length, name) = (number(at, 6), number(at, 11));
            names.push(String::from_utf8_lossy(&bytes[at + 110..at + 109 + name]).into_owned());
            at = (at + 110 + name).next_multiple_of(4);
            at = (at + length).next_multiple_of(4);
        }
        assert_eq!(names, ["dev", "init", END]);
    }
}
