//! Topics: names of sensors as levels, and the layout that a site uses.

use anyhow::ensure;

/// The default layout: ExaMon's.
pub const EXAMON: &str = "org/{org}/cluster/{cluster}/node/{node}/plugin/bellwether_pub/chnl";

/// A name as one level of a topic.
///
/// Letters, digits and `_ . : -` stay, every other byte of its UTF-8 becomes `%` and two hexadecimal digits, and
/// an empty name becomes `%`. [`name`] is the inverse.
pub fn level(name: &str) -> String {
    if name.is_empty() {
        return "%".into();
    }
    let mut level = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte) {
            level.push(char::from(byte));
        } else {
            level.push_str(&format!("%{byte:02X}"));
        }
    }
    level
}

/// The name behind a level; `None` if it is no level of [`level`].
pub fn name(level: &str) -> Option<String> {
    if level == "%" {
        return Some(String::new());
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(level.len()), level);
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(rest.get(..at)?.as_bytes());
        let digits = rest.get(at + 1..at + 3)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = rest.get(at + 3..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// The front of all topics of a node: the layout with its `{org}`, `{cluster}` and `{node}` filled in.
///
/// # Errors
/// The layout has another placeholder, a wildcard, an empty level inside, or a `$` in front.
pub fn prefix(layout: &str, org: &str, cluster: &str, node: &str) -> anyhow::Result<String> {
    let filled = layout
        .replace("{org}", &level(org))
        .replace("{cluster}", &level(cluster))
        .replace("{node}", &level(node));
    let wrong = |c: char| "+#{}".contains(c) || c.is_control();
    ensure!(
        !filled.contains(wrong),
        "prefix {layout:?}: a wildcard or an unknown placeholder"
    );
    ensure!(
        !filled.starts_with('$'),
        "prefix {layout:?}: topics with $ belong to the broker"
    );
    // DCDB's topics begin with a slash.
    let levels = filled.strip_prefix('/').unwrap_or(&filled);
    ensure!(
        !levels.split('/').any(str::is_empty),
        "prefix {layout:?}: an empty level"
    );
    ensure!(
        filled.len() <= 1024,
        "prefix {layout:?}: more than 1,024 bytes"
    );
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Broken if the layout differs from ExaMon's.
    #[test]
    fn the_default_is_examons_layout() {
        let prefix = prefix(EXAMON, "e4", "m100", "r205n12").expect("valid");
        assert_eq!(
            prefix,
            "org/e4/cluster/m100/node/r205n12/plugin/bellwether_pub/chnl"
        );
    }

    /// Broken if a name makes further levels, a wildcard or a broker's own topic.
    #[test]
    fn a_name_is_one_level() {
        assert_eq!(
            level("0000:00:18.3/k10temp/temp1:Tctl"),
            "0000:00:18.3%2Fk10temp%2Ftemp1:Tctl"
        );
        assert_eq!(level("+/#"), "%2B%2F%23");
        assert_eq!(level("$SYS"), "%24SYS");
        assert_eq!(level("Lüfter 1"), "L%C3%BCfter%201");
        assert_eq!(level(""), "%");
    }

    /// Broken if a layout that a broker refuses is taken.
    #[test]
    fn bad_layouts_are_refused() {
        for layout in [
            "",
            "/",
            "a//b",
            "a/+/b",
            "a/#",
            "a/{rack}",
            "$SYS/{node}",
            "a/b/",
            "a\0b",
        ] {
            prefix(layout, "o", "c", "n").expect_err(layout);
        }
        assert_eq!(
            prefix("/lrz/{cluster}/{node}", "o", "c", "n+1").expect("valid"),
            "/lrz/c/n%2B1"
        );
    }

    proptest! {
        /// Broken if two names share a level.
        #[test]
        fn a_level_gives_its_name_back(text in any::<String>()) {
            let level = level(&text);
            prop_assert!(!level.is_empty() && !level.contains(['/', '+', '#', '\0']));
            prop_assert_eq!(name(&level), Some(text));
        }

        /// Broken by a panic on a foreign level.
        #[test]
        fn any_level_is_read(level in any::<String>()) {
            let _ = name(&level);
        }
    }
}
