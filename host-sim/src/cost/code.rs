//! Bytes of the code that runs a network, by the functions it is made of.

use anyhow::{Context, ensure};
use object::{Object, ObjectSymbol, SymbolKind};
use std::path::Path;

/// Bytes of functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Of the kernels of dense layers.
    pub dense: u64,
    /// Of `Network::run` where all layers are dense: kernels, the walk over layers, the reading of
    /// their records.
    pub run: u64,
    /// Of `Network::run` with every kind.
    pub every_kind: u64,
}

/// Functions of the kernels, by how their paths within the library begin.
const DENSE: [&str; 3] = [
    "network::dense::",
    "network::kernel::",
    "network::requantise::",
];
/// The other functions that `Network::run` calls for a dense layer.
const WALK: [&str; 6] = [
    "network::Network",
    "model::layer::get",
    "model::layer::view",
    "model::layer::Layer::shape",
    "model::layer::record::Record",
    "model::layer::dense::Dense::get",
];
/// The other functions that it calls for other kinds.
const KINDS: [&str; 7] = [
    "network::lookup",
    "network::conv1d::",
    "network::recurrent::",
    "model::layer::lookup::Lookup::get",
    "model::layer::lookup::Table",
    "model::layer::conv1d::Conv1d::get",
    "model::layer::recurrent::Recurrent::get",
];

impl Code {
    /// Its figures.
    pub const fn named(&self) -> [(&'static str, u64); 3] {
        [
            ("dense", self.dense),
            ("run", self.run),
            ("every_kind", self.every_kind),
        ]
    }

    /// Adds up the functions of an ELF. What the compiler's own library brings, as `memcpy`, is
    /// not counted.
    ///
    /// # Errors
    /// The file is no ELF, or a function that should be there was put into another.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let bytes = std::fs::read(path).with_context(name)?;
        let file = object::File::parse(&*bytes)?;
        let mut code = Self::default();
        for symbol in file.symbols() {
            if symbol.kind() != SymbolKind::Text {
                continue;
            }
            let (path, size) = (path_of(symbol.name()?), symbol.size());
            let begins = |parts: &[&str]| parts.iter().any(|part| path.starts_with(part));
            if begins(&DENSE) {
                code.dense += size;
            } else if begins(&WALK) {
                code.run += size;
            } else if begins(&KINDS) {
                code.every_kind += size;
            }
        }
        ensure!(
            code.dense > 0 && code.run > 0 && code.every_kind > 0,
            "{}: functions of networks are not there by themselves: {code:?}",
            name()
        );
        code.run += code.dense;
        code.every_kind += code.run;
        Ok(code)
    }
}

/// The path of a function of the library, of a mangled name; empty for others. For the method of a
/// trait, the path of its type.
fn path_of(mangled: &str) -> String {
    let mut rest = mangled.strip_prefix("_ZN").unwrap_or_default();
    let mut parts = Vec::new();
    while let Some(digits) = rest.find(|c: char| !c.is_ascii_digit()).filter(|n| *n > 0) {
        let (length, name) = rest.split_at(digits);
        let Some((part, after)) = length.parse().ok().and_then(|n| name.split_at_checked(n)) else {
            break;
        };
        parts.push(part);
        rest = after;
    }
    let path = parts.join("::").replace("..", "::");
    let path = path.strip_prefix("_$LT$").unwrap_or(&path);
    path.strip_prefix("bellwether::")
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_mangled_names() {
        for (mangled, path) in [
            (
                "_ZN10bellwether7network5dense6Finish2of17h2faf3190d599a1e3E",
                "network::dense::Finish::of::h2faf3190d599a1e3",
            ),
            ("_ZN4core3fmt5write17h0123456789abcdefE", ""),
            ("main", ""),
        ] {
            assert_eq!(path_of(mangled), path);
        }
        let name = "_$LT$bellwether..network..kernel..Dsp$u20$as$u20$Kernel$GT$";
        let of_trait = format!("_ZN{}{name}7prepareE", name.len());
        assert!(path_of(&of_trait).starts_with("network::kernel::Dsp"));
    }
}
