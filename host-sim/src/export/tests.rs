//! The layouts, around bytes that stand for an archive: keys that the build systems require, and CMake's syntax.
//! Nothing is built with Zephyr, Arduino or ESP-IDF here.

use super::archive::Archive;
use super::layout::Layout;
use super::sizes::Sizes;
use super::target::Target;
use super::{Parts, put};
use crate::model::Stored;
use std::fs;
use std::path::Path;
use std::process::Command;

/// An export for a target, with every layout that it has.
fn exported(target: &str, folder: &Path) {
    let mut bytes = b"bellwether.sizes".to_vec();
    let sizes: [u32; 10] = [1, 5, 5000, 8, 4000, 2, 1, 4, 400, 160];
    bytes.extend(sizes.into_iter().flat_map(u32::to_le_bytes));
    let pump = Stored::new(include_bytes!("../../../core/examples/pump.bwm"));
    let parts = Parts {
        target: Target::named(target).unwrap(),
        preset: "small",
        archive: Archive {
            sizes: Sizes::of(&bytes).unwrap(),
            bytes,
        },
        header: "/* header */\n".to_owned(),
        sizes: "/* sizes */\n".to_owned(),
        model: Some(&pump),
    };
    parts.write(folder).unwrap();
    for layout in [Layout::Zephyr, Layout::Arduino, Layout::EspIdf] {
        if layout.expect(parts.target).is_ok() {
            layout.write(&parts, folder).unwrap();
        }
    }
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Lines of `key: value` by their depth, as far as these files use YAML: mappings of two spaces, lists of texts.
fn yaml(text: &str) -> Vec<(String, String)> {
    let mut path: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let depth = (line.len() - line.trim_start().len()) / 2;
        assert_eq!((line.len() - line.trim_start().len()) % 2, 0, "{line}");
        path.truncate(depth);
        assert_eq!(path.len(), depth, "indented without a parent: {line}");
        if let Some(item) = line.trim_start().strip_prefix("- ") {
            found.push((path.join("."), item.to_owned()));
            continue;
        }
        let (key, value) = line.trim_start().split_once(':').unwrap();
        path.push(key);
        if !value.trim().is_empty() {
            found.push((path.join("."), value.trim().to_owned()));
        }
    }
    found
}

/// Broken by a placeholder that nothing fills, on any target.
#[test]
fn nothing_is_left_to_fill_in() {
    for target in &super::target::ALL {
        let folder = tempfile::tempdir().unwrap();
        exported(target.name, folder.path());
        let mut folders = vec![folder.path().to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(text) = fs::read_to_string(&path) {
                    assert!(!text.contains('@'), "{}: {text}", path.display());
                }
            }
        }
    }
}

/// Broken by a key of Zephyr's schema of modules that is misspelt, or a file that it names and is not there.
#[test]
fn the_zephyr_module_has_the_files_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    exported("cortex-m4f", folder.path());
    let module = folder.path().join("zephyr-module");
    let keys = yaml(&text(&module, "zephyr/module.yml"));
    let known = ["name", "build.cmake", "build.kconfig"];
    assert!(
        keys.iter().all(|(key, _)| known.contains(&&**key)),
        "{keys:?}"
    );
    assert_eq!(keys.len(), known.len());
    let of = |wanted| &keys.iter().find(|(key, _)| key == wanted).unwrap().1;
    assert!(
        module
            .join(of("build.cmake"))
            .join("CMakeLists.txt")
            .exists()
    );
    let kconfig = text(&module, of("build.kconfig"));
    assert!(
        kconfig.starts_with("config BELLWETHER\n\tbool "),
        "{kconfig}"
    );
    assert!(kconfig.contains("\tdepends on CPU_CORTEX_M4 && FP_HARDABI\n"));
    assert!(module.join("lib/libbellwether_c.a").exists());
    assert!(module.join("include/bellwether.h").exists());
}

/// Broken by a key that Arduino's specification of libraries requires, or a folder that its builder does not look in.
#[test]
fn the_arduino_library_is_complete_as_folder_and_zip() {
    let folder = tempfile::tempdir().unwrap();
    exported("cortex-m4f", folder.path());
    let library = folder.path().join("arduino/Bellwether");
    let properties = text(&library, "library.properties");
    let value = |key: &str| {
        let lines = properties.lines().filter_map(|line| line.split_once('='));
        let mut found = lines.filter(|(known, _)| *known == key);
        found.next().unwrap_or_else(|| panic!("{key}")).1
    };
    for key in [
        "name",
        "version",
        "author",
        "maintainer",
        "sentence",
        "paragraph",
        "category",
        "url",
        "architectures",
    ] {
        assert!(!value(key).is_empty(), "{key}");
    }
    assert_eq!(value("category"), "Data Processing");
    assert_eq!(
        (value("precompiled"), value("ldflags")),
        ("full", "-lbellwether_c")
    );
    assert!(library.join("src").join(value("includes")).exists());
    let archive = "src/cortex-m4/fpv4-sp-d16-hard/libbellwether_c.a";
    assert!(library.join(archive).exists());
    let file = fs::File::open(folder.path().join("arduino/Bellwether.zip")).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let mut names: Vec<String> = zip
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 5, "{names:?}");
    for name in names {
        let mut packed = Vec::new();
        std::io::copy(&mut zip.by_name(&name).unwrap(), &mut packed).unwrap();
        let there = fs::read(folder.path().join("arduino").join(&name)).unwrap();
        assert_eq!(packed, there, "{name}");
    }
}

/// Broken by a component without what `idf_component_register` or the component manager need.
#[test]
fn the_esp_idf_component_is_for_its_chip() {
    let folder = tempfile::tempdir().unwrap();
    exported("esp32c3", folder.path());
    let component = folder.path().join("esp-idf/bellwether");
    let keys = yaml(&text(&component, "idf_component.yml"));
    let of = |wanted: &str| keys.iter().any(|(key, _)| key == wanted);
    assert!(
        ["version", "description", "license", "dependencies.idf"]
            .into_iter()
            .all(of)
    );
    assert!(keys.contains(&("targets".to_owned(), "esp32c3".to_owned())));
    let cmake = text(&component, "CMakeLists.txt");
    assert!(cmake.contains("idf_component_register(INCLUDE_DIRS \"include\")"));
    assert!(component.join("lib/libbellwether_c.a").exists());
}

/// Broken by a command of CMake that is not closed, or has no definition there. Functions of Zephyr and ESP-IDF are
/// replaced by ones that print their arguments.
#[test]
fn cmake_takes_the_files() {
    let folder = tempfile::tempdir().unwrap();
    exported("esp32c3", folder.path());
    let stubs = "function(zephyr_include_directories)\nmessage(\"include ${ARGV}\")\nendfunction()\n\
                 function(zephyr_library_import)\nmessage(\"import ${ARGV}\")\nendfunction()\n\
                 function(idf_component_register)\nmessage(\"register ${ARGV}\")\nendfunction()\n\
                 function(add_prebuilt_library)\nmessage(\"prebuilt ${ARGV}\")\nendfunction()\n\
                 function(target_link_libraries)\nmessage(\"link ${ARGV}\")\nendfunction()\n\
                 set(CONFIG_BELLWETHER y)\nset(COMPONENT_LIB component)\n";
    for (file, said) in [
        (
            "zephyr-module/zephyr/CMakeLists.txt",
            "import bellwether_c;",
        ),
        (
            "esp-idf/bellwether/CMakeLists.txt",
            "link component;INTERFACE;bellwether_c",
        ),
    ] {
        let path = folder.path().join(file);
        let script = format!("{stubs}include(\"{}\")\n", path.display());
        put(folder.path(), "script.cmake", script).unwrap();
        let run = Command::new("cmake")
            .arg("-P")
            .arg(folder.path().join("script.cmake"))
            .output();
        let run = match run {
            Ok(run) => run,
            Err(error) if std::env::var_os("BELLWETHER_REQUIRE_DATA").is_none() => {
                println!("skipped: cmake: {error}");
                return;
            }
            Err(error) => panic!("cmake: {error}"),
        };
        let error = String::from_utf8_lossy(&run.stderr);
        assert!(
            run.status.success() && error.contains(said),
            "{file}: {error}"
        );
    }
}
