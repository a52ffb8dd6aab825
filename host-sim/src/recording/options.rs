//! The reading of a recording, where its names and first lines do not tell enough.

use super::Layout;
use encoding_rs::Encoding;
use std::time::Duration;

/// The options of every command that reads recordings.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
#[command(next_help_heading = "Reading the recording")]
pub struct Options {
    /// Layout of the recording [default: told by its name and first lines]
    #[arg(long, value_enum, value_name = "LAYOUT")]
    pub layout: Option<Layout>,
    /// Column of the time, or DATE,TIME for two [default: told by name and values]
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,
    /// Column of the label [default: told by name and values]
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// Labels of anomalous rows, where they are not spelled as usual; all others are normal
    #[arg(
        long,
        value_name = "TEXT,...",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub anomalous: Vec<String>,
    /// Variables, by name or by pattern with * and ? [default: all columns of numbers]
    #[arg(long, value_name = "A,B*,...", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Columns to leave out, by name or by pattern with * and ?
    #[arg(long, value_name = "A,B*,...", value_delimiter = ',')]
    pub without: Vec<String>,
    /// Counters, by name or pattern: their increase per second is the variable (per row if rows have
    /// no time)
    #[arg(long, value_name = "A,B*,...", value_delimiter = ',')]
    pub rate: Vec<String>,
    /// A value or text that means a missing reading; may be repeated
    #[arg(long, value_name = "VALUE|TEXT", allow_hyphen_values = true)]
    pub missing: Vec<String>,
    /// Separator of fields: a character, `tab` or `blanks` [default: told by the first lines]
    #[arg(long, value_name = "CHARACTER", value_parser = separator)]
    pub separator: Option<char>,
    /// Decimal sign, `.` or `,` [default: told by the first lines]
    #[arg(long, value_name = "SIGN", value_parser = decimal)]
    pub decimal: Option<char>,
    /// Encoding of a text, such as shift_jis, gbk or windows-1251 [default: UTF-8 and UTF-16 by its
    /// bytes, else windows-1252]
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<&'static Encoding>,
    /// Makes rows of this grid of time, such as 60s, 5m or 1h: each holds the last value of every
    /// variable, or what --take says
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub every: Option<Duration>,
    /// Age at which a held value is missing [default: twice --every]
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "every")]
    pub hold: Option<Duration>,
    /// The value of a row of the grid: the last one, held, or the mean, the smallest or the largest of its
    /// own time
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "VALUE",
        requires = "every"
    )]
    pub take: Take,
    /// Reads all rows, then returns them in order of time; a row repeated in full is left out
    #[arg(long)]
    pub sort: bool,
    /// Refuses what is otherwise left out and counted: a field that is no number, a row with more or
    /// fewer fields, a time that does not advance
    #[arg(long)]
    pub strict: bool,
}

/// The value of a variable in a row of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Take {
    /// The last one, of this row or an earlier one
    #[default]
    Last,
    /// The mean
    Mean,
    /// The smallest
    Min,
    /// The largest
    Max,
}

impl Options {
    /// All as told by the file, but for the layout.
    pub fn of(layout: Option<Layout>) -> Self {
        Self {
            layout,
            ..Self::default()
        }
    }
}

/// The character that stands for any number of blanks.
pub const BLANKS: char = ' ';

fn separator(text: &str) -> Result<char, String> {
    let mut all = text.chars();
    match (text, all.next(), all.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        ("blanks" | "space" | "whitespace", ..) => Ok(BLANKS),
        (_, Some(one), None) if one.is_ascii() && one != '"' => Ok(one),
        _ => Err("one ASCII character, `tab` or `blanks`".to_owned()),
    }
}

fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.as_bytes()).ok_or_else(|| {
        "a name of the Encoding Standard, such as shift_jis, gbk, big5, windows-1251 or koi8-r"
            .to_owned()
    })
}

fn decimal(text: &str) -> Result<char, String> {
    match text {
        "." | "point" => Ok('.'),
        "," | "comma" => Ok(','),
        _ => Err("`.` or `,`".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let scale = match unit {
        "ms" => 1e-3,
        "" | "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return Err("a number with ms, s, m, h or d".to_owned()),
    };
    match number.trim().parse::<f64>() {
        Ok(x) if (1e-6..1e9).contains(&(x * scale)) => Ok(Duration::from_secs_f64(x * scale)),
        _ => Err("a number with ms, s, m, h or d, such as 60s".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        for bad in ["", "s", "0s", "-1s", "nan", "1y"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn separators_are_characters_or_words() {
        assert_eq!(separator("tab"), Ok('\t'));
        assert_eq!(separator(";"), Ok(';'));
        assert!(separator(";;").is_err() && separator("\"").is_err());
        assert_eq!((decimal("comma"), decimal(".")), (Ok(','), Ok('.')));
        assert_eq!(encoding("Shift-JIS").map(Encoding::name), Ok("Shift_JIS"));
        assert!(encoding("ebcdic").is_err());
    }
}
