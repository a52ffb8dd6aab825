//! Readings of `ipmitool` as text: `sensor` (ten columns between `|`), `sdr` (name, reading, state), `sdr
//! elist` (name, number, state, entity, reading), and the same between commas. Gathered in memory to a
//! variable per sensor; a name that comes again begins a row, or a line that is a time alone.

use super::Problem;
use super::lines::Lines;
use super::long::Gather;
use crate::recording::time::clock::is_date;

/// States of a sensor.
const STATES: [&str; 13] = [
    "ok", "ns", "nc", "cr", "nr", "lnc", "lcr", "lnr", "unc", "ucr", "unr", "na", "us",
];

/// Whether most of some lines are readings.
pub fn is(head: &[(u64, String)]) -> bool {
    let lines = head.iter().filter(|(_, line)| !is_time(line));
    let readings = lines
        .clone()
        .filter(|(_, line)| reading(line).is_some())
        .count();
    readings > 0 && 4 * readings >= 3 * lines.count()
}

/// Gathers the readings of all lines, of which the first was read; the number of lines that are none.
///
/// # Errors
/// They cannot be read, or do not fit in memory.
pub fn gather(mut lines: Lines, strict: bool) -> Result<(Gather, u64), Problem> {
    let mut values: Option<Gather> = None;
    let (mut left, mut time) = (0, None);
    lines.again();
    while match lines.advance() {
        Err(Problem::Quotes) => true,
        other => other?,
    } {
        if is_time(lines.raw()) {
            time = Some(lines.raw().trim().to_owned());
            continue;
        }
        match reading(lines.raw()) {
            Some((name, value)) => {
                let values = values.get_or_insert_with(|| Gather::new(time.is_some()));
                if let Some(value) = value {
                    values.push(time.as_deref(), name.to_owned(), value)?;
                }
            }
            None if strict => return Err(Problem::Layout("no reading of ipmitool".to_owned())),
            None => left += 1,
        }
    }
    values.map(|values| (values, left)).ok_or(Problem::Empty)
}

/// A line that `date` wrote between the dumps.
fn is_time(line: &str) -> bool {
    let line = line.trim();
    let seconds = || line.parse::<f64>().is_ok_and(|x| x > 1e8);
    !line.contains('|') && (is_date(line) || seconds())
}

/// The name and the reading of a line: a number with or without a unit, or `na`. A sensor of
/// discrete states has none.
fn reading(line: &str) -> Option<(&str, Option<&str>)> {
    let mark = if line.contains('|') { '|' } else { ',' };
    let fields: Vec<&str> = line.split(mark).map(str::trim).collect();
    let is_state = |field: &str| STATES.contains(&field.to_ascii_lowercase().as_str());
    let is_number = |field: &str| {
        let digits = field.strip_suffix('h').unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let (name, value) = match (mark, fields.as_slice()) {
        ('|', [name, value, state]) if is_state(state) => (*name, *value),
        ('|', [name, number, state, _, value]) if is_number(number) && is_state(state) => {
            (*name, *value)
        }
        ('|', [name, value, _, state, _, ..]) if is_state(state) || state.starts_with("0x") => {
            (*name, *value)
        }
        (',', [name, value, _, state, entity, ..]) if is_state(state) && entity.contains('.') => {
            (*name, *value)
        }
        _ => return None,
    };
    if name.is_empty() {
        return None;
    }
    let number = value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let discrete = value.starts_with("0x") || !number && !is_silent(value);
    let value = if number { value } else { "na" };
    Some((name, (!discrete).then_some(value)))
}

/// The words of a sensor that gives no number now.
fn is_silent(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["", "na", "no reading", "disabled", "not readable", "ns"].contains(&value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
        let head: Vec<(u64, String)> = (1..).zip(text.lines().map(str::to_owned)).collect();
        assert!(is(&head), "{text}");
        let mut lines = Lines::new(Box::new(Cursor::new(text.to_owned())));
        lines.advance().unwrap();
        let (values, left) = gather(lines, false).unwrap();
        assert_eq!(left, 0, "{text}");
        let (memory, _) = values.finish().unwrap();
        (memory.names, memory.rows)
    }

    #[test]
    fn every_form_of_a_dump_is_a_row() {
        for text in [
            "CPU Temp | 45.000 | degrees C | ok | na | na | na | 85.000 | 90.000 | na\n\
             Fan 1 | na | RPM | na | na | na | na | na | na | na\n\
             PSU | 0x1 | discrete | 0x0180| na | na | na | na | na | na\n",
            "CPU Temp | 45 degrees C | ok\nFan 1 | no reading | ns\nPSU | 0x01 | ok\n",
            "CPU Temp | 01h | ok  |  3.1 | 45 degrees C\nFan 1 | 30h | ns | 29.1 | No Reading\n\
             PSU | 70h | ok | 10.1 | Presence detected\n",
            "CPU Temp,45,degrees C,ok,3.1,85\nFan 1,na,RPM,ns,29.1,\n",
        ] {
            let twice = text.repeat(2);
            let (names, rows) = table(&twice);
            assert_eq!(names, ["CPU Temp", "Fan 1"], "{text}");
            assert_eq!(rows.len(), 2, "{text}");
            assert!(rows[0][0].starts_with("45"), "{text}");
            assert!(rows[0][1] == "na", "{text}");
        }
    }

    #[test]
    fn times_between_dumps_are_those_of_the_rows() {
        let (names, rows) =
            table("1772323200\nA | 1 V | ok\nB | 2 V | ok\n1772323260\nA | 3 V | ok\n");
        assert_eq!(names, ["timestamp", "A", "B"]);
        assert_eq!(rows[1], ["1772323260", "3 V"]);
        let is = |text: &str| is(&[(1, text.to_owned())]);
        assert!(!is("time | temp | power") && !is("2026-03-01,1,2,3") && !is("a,b,c,ok"));
    }
}
