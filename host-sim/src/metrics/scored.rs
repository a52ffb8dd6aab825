//! A scored series, and how it is read: CSV `score,label`, in any order, with a header;
//! `timestamp` and `severity` may be there too.

use crate::recording::decompress;
use anyhow::{Context, bail, ensure};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Scores and labels, one of each per row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// Higher is more anomalous; all finite.
    pub scores: Vec<f64>,
    /// Whether the row is anomalous.
    pub labels: Vec<bool>,
    /// Severity of the anomaly, if known.
    pub severities: Vec<Option<f64>>,
    /// Rows whose score was empty or not a number, in order: the detector was blind. They
    /// count as 0.
    pub blind: Vec<usize>,
}

/// Indices of the columns.
struct Columns {
    score: usize,
    label: usize,
    severity: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> anyhow::Result<Self> {
        for (k, name) in header.iter().enumerate() {
            let known = ["timestamp", "score", "label", "severity"].contains(&name);
            let column = k + 1;
            ensure!(
                known,
                "line 1, column {column}: `{name}` is none of timestamp, score, label, severity"
            );
            let twice = header.iter().take(k).any(|before| before == name);
            ensure!(!twice, "line 1, column {column}: a second column `{name}`");
        }
        let place = |wanted: &str| header.iter().position(|name| name == wanted);
        Ok(Self {
            score: place("score").context("line 1: no column `score`")?,
            label: place("label").context("line 1: no column `label`")?,
            severity: place("severity"),
        })
    }
}

impl Scored {
    /// Reads a file, plain, gzip or zstd, or standard input if the path is `-`.
    ///
    /// # Errors
    /// It cannot be read, or a line is malformed: file, line and field are named.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Self::read("<stdin>", io::stdin());
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| name.clone())?;
        Self::read(&name, file)
    }

    /// Reads from anything; `name` is its name in errors.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(name: &str, input: impl Read + Send + 'static) -> anyhow::Result<Self> {
        let rows = || {
            let text = decompress(name, input).map_err(|problem| anyhow::anyhow!("{problem}"))?;
            Self::parse(text)
        };
        rows().with_context(|| name.to_owned())
    }

    fn parse(text: impl Read) -> anyhow::Result<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text);
        let columns = Columns::of(reader.headers()?)?;
        let (mut series, mut row) = (Self::default(), csv::StringRecord::new());
        while reader.read_record(&mut row)? {
            let line = row.position().map_or(0, csv::Position::line);
            series
                .push(&columns, &row)
                .with_context(|| format!("line {line}"))?;
        }
        ensure!(!series.scores.is_empty(), "no row after the header");
        Ok(series)
    }

    fn push(&mut self, columns: &Columns, row: &csv::StringRecord) -> anyhow::Result<()> {
        let field = |column: usize| row.get(column).unwrap_or_default();
        let score = number(field(columns.score)).context("score")?;
        let label = match field(columns.label) {
            "0" => false,
            "1" => true,
            found => bail!("label: `{found}` is neither 0 nor 1"),
        };
        let severity = columns.severity.map_or("", field);
        self.severities.push(number(severity).context("severity")?);
        if score.is_none() {
            self.blind.push(self.scores.len());
        }
        self.scores.push(score.unwrap_or(0.0));
        self.labels.push(label);
        Ok(())
    }
}

/// A finite number; `None` if the field is empty or NaN.
fn number(field: &str) -> anyhow::Result<Option<f64>> {
    if field.is_empty() {
        return Ok(None);
    }
    let Ok(number) = field.parse::<f64>() else {
        bail!("`{field}` is not a number");
    };
    ensure!(!number.is_infinite(), "`{field}` is not finite");
    Ok(Some(number).filter(|number| !number.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &str) -> anyhow::Result<Scored> {
        Scored::read("s.csv", Cursor::new(text.to_owned()))
    }

    #[test]
    fn columns_are_found_by_name_and_blind_rows_count_as_zero() {
        let text = "label,score, severity ,timestamp\n0,0.5,,a\n1,,2.5,b\n1, NaN ,,c\n1,1e-3,1,d\n";
        let expected = Scored {
            scores: vec![0.5, 0.0, 0.0, 0.001],
            labels: vec![false, true, true, true],
            severities: vec![None, Some(2.5), None, Some(1.0)],
            blind: vec![1, 2],
        };
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn errors_name_file_line_and_field() {
        for (text, expected) in [
            ("", "s.csv: the file is empty; expected a header line"),
            ("score,label\n", "s.csv: no row after the header"),
            ("timestamp,label\n1,0\n", "s.csv: line 1: no column `score`"),
            (
                "score,lable\n1,0\n",
                "s.csv: line 1, column 2: `lable` is none of timestamp, score, label, severity",
            ),
            (
                "score,score,label\n1,1,0\n",
                "s.csv: line 1, column 2: a second column `score`",
            ),
            (
                "score,label\n1,0\nx,0\n",
                "s.csv: line 3: score: `x` is not a number",
            ),
            (
                "score,label\n-inf,0\n",
                "s.csv: line 2: score: `-inf` is not finite",
            ),
            (
                "score,label\n1e999,0\n",
                "s.csv: line 2: score: `1e999` is not finite",
            ),
            (
                "score,label\n1,\n",
                "s.csv: line 2: label: `` is neither 0 nor 1",
            ),
            (
                "score,label,severity\n1,1,y\n",
                "s.csv: line 2: severity: `y` is not a number",
            ),
        ] {
            assert_eq!(
                format!("{:#}", read(text).unwrap_err()),
                expected,
                "{text:?}"
            );
        }
        let uneven = format!("{:#}", read("score,label\n1,0\n1\n").unwrap_err());
        assert!(
            uneven.starts_with("s.csv: ") && uneven.contains("line: 3"),
            "{uneven}"
        );
    }
}
