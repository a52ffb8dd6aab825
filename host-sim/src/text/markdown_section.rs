//! Generated sections of a document, between two marks.

use anyhow::Context;

/// The document with other content between `<!-- NAME -->` and `<!-- /NAME -->`.
///
/// # Errors
/// It has no such marks; `document` is its name.
pub fn with(text: &str, document: &str, name: &str, content: &str) -> anyhow::Result<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let place = text.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = place.with_context(|| {
        format!(
            "{document}: no place for the table, between the lines {} and {end}",
            begin.trim_end()
        )
    })?;
    Ok(format!("{before}{begin}\n{content}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a part that is lost, or that grows each time.
    #[test]
    fn only_what_is_between_the_marks_changes() {
        let text = "a\n<!-- t -->\nold\n<!-- /t -->\nb\n";
        let new = with(text, "x.md", "t", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- t -->\n\nnew\n\n<!-- /t -->\nb\n");
        assert_eq!(with(&new, "x.md", "t", "new\n").unwrap(), new);
        let error = with("a", "x.md", "t", "new").unwrap_err().to_string();
        assert!(error.starts_with("x.md: no place"), "{error}");
    }
}
