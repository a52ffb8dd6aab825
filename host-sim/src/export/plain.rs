//! The files of an export that belong to no build system but CMake: library, example, model, table of sizes.

use super::{Parts, filled, put};
use std::fmt::Write as _;
use std::path::Path;

const MAIN: &str = include_str!("files/main.c");
const MODEL_MAIN: &str = include_str!("files/main_model.c");
const CMAKE: &str = include_str!("files/CMakeLists.txt");
const PKG_CONFIG: &str = include_str!("files/bellwether.pc");
const README: &str = include_str!("files/README.md");

impl Parts<'_> {
    /// Writes them into a folder.
    ///
    /// # Errors
    /// The model or a file.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        self.library(folder, "include/", "lib/libbellwether_c.a")?;
        let mut pairs = self.pairs();
        let (model, definition) = match self.model {
            Some(stored) => {
                let (header, source) = sources(stored)?;
                put(folder, "include/bellwether_model.h", header)?;
                put(folder, "bellwether_model.c", source)?;
                let bytes = stored.bytes().len();
                let row = format!("| the model, in flash | {bytes} |\n");
                (row, " bellwether_model.c")
            }
            None => (String::new(), ""),
        };
        pairs.push(("model_row", model));
        pairs.push(("model_source", definition.to_owned()));
        let main = if self.model.is_some() {
            MODEL_MAIN
        } else {
            MAIN
        };
        put(folder, "main.c", filled(main, &pairs))?;
        put(folder, "CMakeLists.txt", filled(CMAKE, &pairs))?;
        put(folder, "README.md", filled(README, &pairs))?;
        if self.target.is_host() {
            let file = filled(PKG_CONFIG, &pairs);
            put(folder, "lib/pkgconfig/bellwether.pc", file)?;
        }
        Ok(())
    }
}

/// Header and source of a model: its bytes in words, so that they begin at a multiple of 4.
fn sources(stored: &crate::model::Stored) -> anyhow::Result<(String, String)> {
    let model = stored.model()?;
    let bytes = stored.bytes();
    let mut words = String::new();
    for (k, word) in bytes.chunks(4).enumerate() {
        let mut padded = [0; 4];
        padded
            .iter_mut()
            .zip(word)
            .for_each(|(to, from)| *to = *from);
        let separator = if k % 8 == 0 { "\n   " } else { "" };
        write!(words, "{separator} 0x{:08x}u,", u32::from_le_bytes(padded))?;
    }
    let mut names = String::new();
    for feature in model.features() {
        write!(names, "\n    {},", literal(feature.name))?;
    }
    let header = format!(
        "/* A model, for bw_model_init. Little-endian. */\n\n\
         #ifndef BELLWETHER_MODEL_H\n#define BELLWETHER_MODEL_H\n\n#include <stdint.h>\n\n\
         #define BELLWETHER_MODEL_BYTES {}u\n\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n\
         extern const uint32_t bellwether_model[{}];\n\
         /* Names of its variables, in the order of a frame. */\n\
         extern const char *const bellwether_model_names[{}];\n\n\
         #ifdef __cplusplus\n}}\n#endif\n\n#endif\n",
        bytes.len(),
        bytes.len().div_ceil(4),
        model.feature_count()
    );
    let source = format!(
        "#include \"bellwether_model.h\"\n\n\
         const uint32_t bellwether_model[] = {{{words}\n}};\n\n\
         const char *const bellwether_model_names[] = {{{names}\n}};\n"
    );
    Ok((header, source))
}

/// A text as a literal of C.
fn literal(text: &str) -> String {
    let mut said = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | b'?' => said.extend(['\\', char::from(byte)]),
            b' '..=b'~' => said.push(char::from(byte)),
            // Three digits always end an octal escape.
            _ => said += &format!("\\{byte:03o}"),
        }
    }
    said + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Stored;

    #[test]
    fn names_become_literals() {
        assert_eq!(literal("fan \"1\""), r#""fan \"1\"""#);
        assert_eq!(literal("°C??/"), r#""\302\260C\?\?/""#);
    }

    /// Broken by bytes out of place, or a last word that is lost.
    #[test]
    fn a_model_is_words() {
        let blob = include_bytes!("../../../core/examples/pump.bwm");
        let (header, source) = sources(&Stored::new(blob)).unwrap();
        assert!(header.contains("BELLWETHER_MODEL_BYTES 244u"), "{header}");
        let first = u32::from_le_bytes(blob[..4].try_into().unwrap());
        assert!(source.contains(&format!("0x{first:08x}u,")), "{source}");
        assert_eq!(source.matches("0x").count(), 61);
        assert!(source.contains("\"motor\""), "{source}");
    }
}
