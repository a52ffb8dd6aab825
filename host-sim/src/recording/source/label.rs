//! Labels in every usual spelling.

/// Words of normal rows, in lower case.
const NORMAL: [&str; 18] = [
    "0", "false", "f", "no", "n", "normal", "benign", "ok", "good", "healthy", "nominal",
    "regular", "inlier", "none", "off", "negative", "pass", "passed",
];

/// Words of anomalous rows, in lower case.
const ANOMALOUS: [&str; 25] = [
    "1",
    "true",
    "t",
    "yes",
    "y",
    "anomaly",
    "anomalous",
    "abnormal",
    "attack",
    "outlier",
    "fault",
    "faulty",
    "failure",
    "fail",
    "failed",
    "error",
    "bad",
    "malicious",
    "positive",
    "on",
    "intrusion",
    "incident",
    "alarm",
    "unhealthy",
    "broken",
];

/// A label. A number other than 0 is the number of a class of anomalies; an empty field is normal,
/// as in files that state anomalies only.
pub fn read(field: &str) -> Option<bool> {
    match field {
        "0" | "0.0" | "" => return Some(false),
        "1" | "1.0" => return Some(true),
        _ => {}
    }
    // SWaT spells an attack `A ttack` in places.
    let word: String = field.chars().filter(|c| !c.is_whitespace()).collect();
    let word = word.to_lowercase();
    if NORMAL.contains(&word.as_str()) {
        return Some(false);
    }
    if ANOMALOUS.contains(&word.as_str()) {
        return Some(true);
    }
    match word.parse::<f64>() {
        Ok(0.0) => Some(false),
        Ok(number) if number.fract() == 0.0 && (1.0..1000.0).contains(&number) => Some(true),
        _ => None,
    }
}

/// A label with the help of the column's other labels: where some rows are called normal by a word,
/// other words are kinds of anomalies.
pub fn read_among(field: &str, words: bool) -> Option<bool> {
    read(field).or_else(|| {
        let word = words && field.parse::<f64>().is_err();
        word.then_some(true)
    })
}

/// Whether a word, not a number, calls rows normal.
pub fn is_normal_word(field: &str) -> bool {
    let letters = field.chars().next().is_some_and(char::is_alphabetic);
    letters && field.len() > 1 && read(field) == Some(false)
}

/// Whether a field may be a label of one of two kinds: a number is 0 or 1.
pub fn is_binary(field: &str) -> bool {
    let number = field.parse::<f64>();
    read(field).is_some() && number.is_ok_and(|x| x == 0.0 || x == 1.0) || is_word(field)
}

/// Whether a field is a word of labels.
pub fn is_word(field: &str) -> bool {
    read(field).is_some() && !field.is_empty() && field.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings_are_read() {
        for normal in [
            "0", "0.0", "", "False", "no", "Normal", "BENIGN", " normal", "0.000",
        ] {
            assert_eq!(read(normal), Some(false), "{normal:?}");
        }
        for anomalous in [
            "1", "1.0", "TRUE", "Attack", "A ttack", "anomaly", "3", "1.00",
        ] {
            assert_eq!(read(anomalous), Some(true), "{anomalous:?}");
        }
        for neither in ["-1", "0.5", "DoS", "1e9"] {
            assert_eq!(read(neither), None, "{neither:?}");
        }
        assert_eq!(read_among("DoS", true), Some(true));
        assert_eq!(read_among("0.5", true), None);
    }
}
