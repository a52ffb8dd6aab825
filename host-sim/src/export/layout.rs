//! The folders that build systems of others expect.

use super::{Parts, filled, put};
use anyhow::ensure;
use std::io::{Cursor, Write as _};
use std::path::Path;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const MODULE: &str = include_str!("files/module.yml");
const KCONFIG: &str = include_str!("files/Kconfig");
const ZEPHYR: &str = include_str!("files/zephyr.cmake");
const PROPERTIES: &str = include_str!("files/library.properties");
const SKETCH: &str = include_str!("files/Watch.ino");
const ESP_IDF: &str = include_str!("files/esp-idf.cmake");
const COMPONENT: &str = include_str!("files/idf_component.yml");

/// A layout beside the plain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// A module for `EXTRA_ZEPHYR_MODULES` or `west.yml`
    Zephyr,
    /// A library as a folder and as a zip
    Arduino,
    /// A component for `components/`
    EspIdf,
}

impl Layout {
    /// Whether a target has this layout.
    ///
    /// # Errors
    /// It has not; the error names both options.
    pub fn expect(self, target: &super::Target) -> anyhow::Result<()> {
        let (name, has) = match self {
            Self::Zephyr => ("zephyr", !target.zephyr.is_empty()),
            Self::Arduino => ("arduino", !target.arduino.is_empty()),
            Self::EspIdf => ("esp-idf", target.esp.is_some()),
        };
        ensure!(
            has,
            "--layout {name}: there is none for --target {}{}",
            target.name,
            if self == Self::EspIdf {
                "; take esp32c3 or esp32c6"
            } else {
                ""
            }
        );
        Ok(())
    }

    /// Writes the layout into a folder of its own below `folder`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(self, parts: &Parts<'_>, folder: &Path) -> anyhow::Result<()> {
        match self {
            Self::Zephyr => zephyr(parts, &folder.join("zephyr-module")),
            Self::Arduino => arduino(parts, &folder.join("arduino")),
            Self::EspIdf => esp_idf(parts, &folder.join("esp-idf/bellwether")),
        }
    }
}

fn zephyr(parts: &Parts<'_>, folder: &Path) -> anyhow::Result<()> {
    let pairs = parts.pairs();
    parts.library(folder, "include/", "lib/libbellwether_c.a")?;
    put(folder, "zephyr/module.yml", MODULE)?;
    put(folder, "zephyr/Kconfig", filled(KCONFIG, &pairs))?;
    put(folder, "zephyr/CMakeLists.txt", ZEPHYR)
}

fn esp_idf(parts: &Parts<'_>, folder: &Path) -> anyhow::Result<()> {
    let pairs = parts.pairs();
    parts.library(folder, "include/", "lib/libbellwether_c.a")?;
    put(folder, "idf_component.yml", filled(COMPONENT, &pairs))?;
    put(folder, "CMakeLists.txt", ESP_IDF)
}

fn arduino(parts: &Parts<'_>, folder: &Path) -> anyhow::Result<()> {
    let pairs = parts.pairs();
    let archive = format!("src/{}/libbellwether_c.a", parts.target.arduino);
    let files: [(&str, Vec<u8>); 5] = [
        ("library.properties", filled(PROPERTIES, &pairs).into()),
        ("src/bellwether.h", parts.header.clone().into()),
        ("src/bellwether_sizes.h", parts.sizes.clone().into()),
        (&archive, parts.archive.bytes.clone()),
        ("examples/Watch/Watch.ino", filled(SKETCH, &pairs).into()),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in &files {
        let name = format!("Bellwether/{name}");
        zip.start_file(&name, SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
        put(folder, &name, bytes)?;
    }
    put(folder, "Bellwether.zip", zip.finish()?.into_inner())
}
