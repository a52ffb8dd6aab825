//! What every page of `bellwether report` must be.

/// Everything is in the page, and every number in a drawing is one.
pub fn assert_whole(page: &str) {
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    for outside in ["http:", "https:", "src=", "@import", "href="] {
        assert!(!page.contains(outside), "{outside}");
    }
    let drawings = page.split(" d=\"").skip(1);
    let drawings = drawings.chain(page.split("viewBox=\"").skip(1));
    for drawing in drawings.map(|rest| rest.split('"').next().unwrap()) {
        assert!(
            !drawing.contains("NaN") && !drawing.contains("inf"),
            "{drawing}"
        );
    }
    data(page);
}

/// What the script draws from.
pub fn data(page: &str) -> serde_json::Value {
    let data = page.split("id=\"data\">").nth(1).unwrap();
    serde_json::from_str(data.split("</script>").next().unwrap()).unwrap()
}
