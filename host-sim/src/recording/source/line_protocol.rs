//! InfluxDB line protocol, `measurement,tag=value field=1.5,other=2 1772323200000000000`, gathered in
//! memory to rows of all fields.

use super::Problem;
use super::json::PART;
use super::lines::Lines;
use super::long::Gather;

/// Whether a line is one of line protocol.
pub fn is(line: &str) -> bool {
    parse(line).is_some_and(|point| point.time.is_some() || !point.series.contains(' '))
}

/// A point: its series (measurement and tags), its fields and its time.
struct Point {
    series: String,
    fields: Vec<(String, String)>,
    time: Option<String>,
}

/// Gathers the points of all lines, of which the first was read.
///
/// # Errors
/// They cannot be read, or do not fit in memory.
pub fn gather(mut lines: Lines, strict: bool) -> Result<(Box<Gather>, u64), Problem> {
    let mut values: Option<Box<Gather>> = None;
    let mut left = 0;
    lines.again();
    while match lines.advance() {
        // Quotes belong to fields here.
        Err(Problem::Quotes) => true,
        other => other?,
    } {
        if lines.raw().trim_start().starts_with('#') {
            continue;
        }
        let Some(point) = parse(lines.raw()) else {
            if strict {
                return Err(Problem::Layout("no point of line protocol".to_owned()));
            }
            left += 1;
            continue;
        };
        let values = values.get_or_insert_with(|| Box::new(Gather::new(point.time.is_some())));
        for (name, value) in point.fields {
            values.push(
                point.time.as_deref(),
                format!("{}{PART}{name}", point.series),
                &value,
            )?;
        }
    }
    values.map(|values| (values, left)).ok_or(Problem::Empty)
}

fn parse(line: &str) -> Option<Point> {
    let line = line.trim();
    let parts = split(line, ' ', true);
    let (head, fields, time) = match parts.as_slice() {
        [head, fields] => (head, fields, None),
        [head, fields, time] => (head, fields, Some(time)),
        _ => return None,
    };
    let time = match time {
        Some(time) => Some(time.parse::<i64>().ok()?.to_string()),
        None => None,
    };
    let bare = |text: &str| text.replace('\\', "");
    let mut series = Vec::new();
    for (k, part) in split(head, ',', false).iter().enumerate() {
        // The measurement has no `=`, tags have one.
        if (k > 0) != part.contains('=') {
            return None;
        }
        series.push(bare(part));
    }
    let mut values = Vec::new();
    for field in split(fields, ',', true) {
        let (name, value) = field.split_once('=')?;
        if name.is_empty() || value.is_empty() {
            return None;
        }
        let value = match value.strip_suffix(['i', 'u']) {
            Some(number) if number.parse::<i128>().is_ok() => number,
            _ => value,
        };
        let known = value.parse::<f64>().is_ok()
            || value.starts_with('"')
            || super::cell::truth(value).is_some();
        if !known {
            return None;
        }
        if !value.starts_with('"') {
            values.push((bare(name), value.to_owned()));
        }
    }
    let series = series.join(&PART.to_string());
    Some(Point {
        series,
        fields: values,
        time,
    })
}

/// Splits at a mark that is neither escaped nor quoted; backslashes stay.
fn split(text: &str, mark: char, quotes: bool) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut escaped, mut quoted) = (false, false);
    for c in text.chars() {
        let cut = c == mark && !escaped && !quoted;
        quoted ^= c == '"' && quotes && !escaped;
        escaped = c == '\\' && !escaped;
        if cut {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn points_are_told_from_other_lines() {
        for line in [
            "env,host=n1 temp=49.995,power=100.020 1772323200000000000",
            "cpu usage=0.5",
            "disk,path=/my\\ disk free=12i,state=\"a, b\" 1",
        ] {
            assert!(is(line), "{line}");
        }
        for line in [
            "timestamp,a,b",
            "time a b",
            "2026-03-01 00:00:00,1",
            "a=1 b=2 c=3 d=4",
            "1,2 3,4",
        ] {
            assert!(!is(line), "{line}");
        }
    }

    #[test]
    fn fields_of_one_time_are_one_row() {
        let text = "m,h=a t=1.5,n=2i 10\nm,h=b t=3 10\n# x\nm,h=a t=4 20\nbroken\n";
        let mut lines = Lines::new(Box::new(Cursor::new(text)));
        lines.advance().unwrap();
        let (values, left) = gather(lines, false).unwrap();
        assert_eq!(left, 1);
        let (memory, dated) = values.finish().unwrap();
        assert!(dated);
        assert_eq!(memory.names, ["timestamp", "h=a.t", "h=a.n", "h=b.t"]);
        assert_eq!(memory.rows, [vec!["10", "1.5", "2", "3"], vec!["20", "4"]]);
    }
}
