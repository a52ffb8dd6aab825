//! Numbers for people.

/// A whole number with its thousands set apart: `100,000`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number and its noun, `1 row` or `2 rows`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// Names with their counts, the largest first: `fan 12, power 3 and 2 other variables`. Counts of 0 are left
/// out.
pub fn by_name(counts: &[u64], names: &[impl AsRef<str>]) -> String {
    /// Names before the rest is counted.
    const NAMED: usize = 5;
    let all = counts.iter().zip(names).filter(|(times, _)| **times > 0);
    let mut all: Vec<(u64, &str)> = all.map(|(times, name)| (*times, name.as_ref())).collect();
    all.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    let named = all.iter().take(NAMED);
    let named = named.map(|(times, name)| format!("{name} {}", count(*times)));
    let mut said = named.collect::<Vec<_>>().join(", ");
    if let Some(rest @ 1..) = all.len().checked_sub(NAMED) {
        said += &format!(" and {}", counted(rest as u64, "other variable"));
    }
    said
}

/// Two numbers to compare, with just enough decimals for two digits of their difference.
pub fn pair(a: f32, b: f32) -> (String, String) {
    let (a, b) = (f64::from(a), f64::from(b));
    let (apart, size) = ((a - b).abs(), a.abs().max(b.abs()));
    if size >= 1e7 || size > 0.0 && size < 1e-5 {
        return (format!("{a:.2e}"), format!("{b:.2e}"));
    }
    let tells = if apart > 0.0 { apart } else { size };
    let decimals = if tells > 0.0 {
        (1.0 - tells.log10().floor()).clamp(0.0, 7.0) as usize
    } else {
        0
    };
    (format!("{a:.decimals$}"), format!("{b:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stand_behind_their_names_and_the_largest_is_first() {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        assert_eq!(by_name(&[0, 3, 1200], &names), "c 1,200, b 3");
        let all = by_name(&[1, 2, 3, 4, 5, 6, 7], &names);
        assert_eq!(all, "g 7, f 6, e 5, d 4, c 3 and 2 other variables");
        assert_eq!(by_name(&[0, 0], &names), "");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(4316), "4,316");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(1000, "row"), "1,000 rows");
    }

    #[test]
    fn a_difference_can_be_seen() {
        let pair = |a, b| {
            let (a, b) = pair(a, b);
            format!("{a} {b}")
        };
        assert_eq!(pair(220.5, 224.31), "220.5 224.3");
        assert_eq!(pair(30.222_784, 30.232_273), "30.2228 30.2323");
        assert_eq!(pair(0.000_466_356, 0.000_445_075), "0.000466 0.000445");
        assert_eq!(pair(6240.0, 1300.0), "6240 1300");
        assert_eq!(pair(0.0, 0.0), "0 0");
        assert_eq!(pair(5.0, 5.0), "5.0 5.0");
        assert_eq!(pair(3e30, 1.0), "3.00e30 1.00e0");
    }
}
