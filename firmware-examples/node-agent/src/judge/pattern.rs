//! Patterns of identities: text in which `*` stands for any text.

/// Whether a text fits a pattern as a whole. Time is bounded by the product of their lengths.
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::fits;

    /// Broken if a part is looked for in front of the one before it, or the ends are not bound.
    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fit) in [
            ("", "", true),
            ("*", "", true),
            ("*", "a/b:c", true),
            ("proc/*", "proc/load", true),
            ("proc/*", "xproc/load", false),
            ("*temp*:Tctl", "k10temp/temp1:Tctl", true),
            ("*temp*:Tctl", "k10temp/temp1:Tdie", false),
            ("a*b*a", "aba", true),
            ("a*b*a", "ab", false),
            ("ab*ba", "aba", false),
            ("load", "load1", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
    }
}
