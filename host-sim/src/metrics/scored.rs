//! A scored series, and how it is read: CSV with a header, a column of scores and one of labels; or
//! what `bellwether run --all` writes, with the labels of its recording.

use crate::recording::decompress;
use crate::recording::source::label;
use crate::recording::source::roles::words;
use anyhow::{Context, bail, ensure};
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

/// Names of a column of scores, in lower case.
const SCORES: [&str; 8] = [
    "score",
    "scores",
    "anomaly_score",
    "anomaly_scores",
    "anomaly score",
    "decision_score",
    "decision_scores",
    "y_score",
];

/// The columns, where their names do not tell them, and the labels of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Name of the column of scores.
    pub score: Option<String>,
    /// Name of the column of labels.
    pub label: Option<String>,
    /// Labels by row, in place of a column.
    pub labels: Option<Vec<bool>>,
}

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
    /// Rows whose score was infinite: they rank beyond all others.
    pub infinite: usize,
}

/// Indices of the columns.
struct Columns {
    score: usize,
    label: Option<usize>,
    severity: Option<usize>,
    /// The row's number: rows of the same number, one per variable, are one.
    tick: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord, choice: &Choice) -> anyhow::Result<Self> {
        let names: Vec<&str> = header.iter().collect();
        for (k, name) in names.iter().enumerate() {
            let twice = !name.is_empty() && names.iter().take(k).any(|before| before == name);
            ensure!(!twice, "line 1, column {}: a second column `{name}`", k + 1);
        }
        let place = |test: &dyn Fn(&str) -> bool| names.iter().position(|name| test(name));
        let said = |wanted: &String| {
            let found =
                place(&|name| name == wanted).or(place(&|name| name.eq_ignore_ascii_case(wanted)));
            found.with_context(|| {
                format!(
                    "line 1: no column `{wanted}`; there are: {}",
                    names.join(", ")
                )
            })
        };
        let score = match &choice.score {
            Some(wanted) => said(wanted)?,
            None => place(&|name| SCORES.contains(&name.to_lowercase().as_str())).with_context(
                || {
                    format!(
                        "line 1: no column `score` (--score COLUMN); there are: {}",
                        names.join(", ")
                    )
                },
            )?,
        };
        let label = match (&choice.label, &choice.labels) {
            (Some(wanted), _) => Some(said(wanted)?),
            (None, Some(_)) => None,
            (None, None) => {
                let exact = place(&|name| name == "label").or(place(&words::label));
                Some(exact.with_context(|| {
                    format!(
                        "line 1: no column `label` (--label COLUMN, or --labels RECORDING); there are: {}",
                        names.join(", ")
                    )
                })?)
            }
        };
        Ok(Self {
            score,
            label,
            severity: place(&|name| name == "severity"),
            tick: place(&|name| name == "tick").filter(|_| choice.labels.is_some()),
        })
    }
}

impl Scored {
    /// Reads a file, plain, gzip or zstd, or standard input if the path is `-`.
    ///
    /// # Errors
    /// It cannot be read, or a line is malformed: file, line and field are named.
    pub fn open(path: &Path, choice: &Choice) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Self::read("<stdin>", io::stdin(), choice);
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| name.clone())?;
        Self::read(&name, file, choice)
    }

    /// Reads from anything; `name` is its name in errors.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(
        name: &str,
        input: impl Read + Send + 'static,
        choice: &Choice,
    ) -> anyhow::Result<Self> {
        let rows = || {
            let mut text =
                decompress(name, input).map_err(|problem| anyhow::anyhow!("{problem}"))?;
            if text.fill_buf()?.first() == Some(&b'{') {
                return Self::lines(text, choice);
            }
            Self::parse(text, choice)
        };
        let mut series = rows().with_context(|| name.to_owned())?;
        series.settle();
        Ok(series)
    }

    /// Puts infinite scores as far beyond the finite ones as these reach, so that metrics of sums are finite.
    fn settle(&mut self) {
        let finite = || {
            self.scores
                .iter()
                .copied()
                .filter(|score| score.is_finite())
        };
        let (least, most) = (
            finite().fold(f64::INFINITY, f64::min),
            finite().fold(f64::NEG_INFINITY, f64::max),
        );
        let (least, most) = if least <= most {
            (least, most)
        } else {
            (0.0, 0.0)
        };
        let beyond = (most - least).max(1.0);
        let infinite = self.scores.iter_mut().filter(|score| score.is_infinite());
        for score in infinite {
            *score = if *score > 0.0 {
                most + beyond
            } else {
                least - beyond
            };
            self.infinite += 1;
        }
    }

    fn parse(text: impl Read, choice: &Choice) -> anyhow::Result<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text);
        let columns = Columns::of(reader.headers()?, choice)?;
        let (mut series, mut row) = (Self::default(), csv::StringRecord::new());
        let mut ticks = Vec::new();
        while reader.read_record(&mut row)? {
            let line = row.position().map_or(0, csv::Position::line);
            series
                .push(&columns, &row)
                .with_context(|| format!("line {line}"))?;
            if let Some(column) = columns.tick {
                let found = row.get(column).unwrap_or_default();
                let tick = found.parse::<usize>().ok();
                ticks.push(
                    tick.with_context(|| format!("line {line}: tick `{found}` is no number"))?,
                );
            }
        }
        ensure!(!series.scores.is_empty(), "no row after the header");
        match &choice.labels {
            Some(labels) if columns.label.is_none() => series.by_tick(&ticks, labels),
            _ => Ok(series),
        }
    }

    /// The scores of JSON lines with `tick` and `score`, as `bellwether run --all` writes.
    fn lines(text: impl BufRead, choice: &Choice) -> anyhow::Result<Self> {
        let labels = choice.labels.as_ref();
        let labels = labels.context("JSON lines have no labels: --labels RECORDING gives them")?;
        let (mut series, mut ticks) = (Self::default(), Vec::new());
        let wanted = choice.score.as_deref().unwrap_or("score");
        for (k, line) in text.lines().enumerate() {
            let line = line?;
            let object: serde_json::Value =
                serde_json::from_str(&line).with_context(|| format!("line {}", k + 1))?;
            let tick = object.get("tick").and_then(serde_json::Value::as_u64);
            ticks.push(usize::try_from(
                tick.with_context(|| format!("line {}: no `tick`", k + 1))?,
            )?);
            let score = object.get(wanted).with_context(|| {
                format!(
                    "line {}: no `{wanted}`; `run --all --format csv` writes one of every variable",
                    k + 1
                )
            })?;
            series.add(
                score.as_f64().filter(|score| score.is_finite()),
                false,
                None,
            );
        }
        ensure!(!series.scores.is_empty(), "no row");
        series.by_tick(&ticks, labels)
    }

    /// One row for each row of a recording: the largest of the scores of its number, or of all rows in
    /// order where there are no numbers.
    fn by_tick(self, ticks: &[usize], labels: &[bool]) -> anyhow::Result<Self> {
        let mut best: Vec<Option<f64>> = vec![None; labels.len()];
        for (row, score) in self.scores.iter().enumerate() {
            let tick = ticks.get(row).copied().unwrap_or(row);
            let place = best.get_mut(tick);
            let place = place
                .with_context(|| format!("row {tick}: the recording has {} rows", labels.len()))?;
            if self.blind.binary_search(&row).is_err() {
                *place = Some(place.map_or(*score, |known| known.max(*score)));
            }
        }
        let mut series = Self::default();
        for (score, label) in best.into_iter().zip(labels) {
            series.add(score, *label, None);
        }
        Ok(series)
    }

    fn push(&mut self, columns: &Columns, row: &csv::StringRecord) -> anyhow::Result<()> {
        let field = |column: usize| row.get(column).unwrap_or_default();
        let score = number(field(columns.score)).context("score")?;
        let label = match columns.label.map(field) {
            None => false,
            Some("") => bail!("label: `` is neither 0 nor 1"),
            Some(found) => match label::read(found) {
                Some(label)
                    if found.parse().is_ok_and(|x: f64| x <= 1.0)
                        || found.parse::<f64>().is_err() =>
                {
                    label
                }
                _ => bail!("label: `{found}` is neither 0 nor 1"),
            },
        };
        let severity = columns.severity.map_or("", field);
        let severity = number(severity).context("severity")?;
        ensure!(
            !severity.is_some_and(f64::is_infinite),
            "severity is not finite"
        );
        self.add(score, label, severity);
        Ok(())
    }

    fn add(&mut self, score: Option<f64>, label: bool, severity: Option<f64>) {
        if score.is_none() {
            self.blind.push(self.scores.len());
        }
        self.scores.push(score.unwrap_or(0.0));
        self.labels.push(label);
        self.severities.push(severity);
    }
}

/// A number, which may be infinite; `None` if the field is empty or NaN.
fn number(field: &str) -> anyhow::Result<Option<f64>> {
    if field.is_empty() {
        return Ok(None);
    }
    let Ok(number) = field.parse::<f64>() else {
        bail!("`{field}` is not a number");
    };
    Ok(Some(number).filter(|number| !number.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &str) -> anyhow::Result<Scored> {
        Scored::read("s.csv", Cursor::new(text.to_owned()), &Choice::default())
    }

    /// By hand: scores from -1 to 3 reach over 4, and infinite ones are 4 beyond.
    #[test]
    fn infinite_scores_rank_beyond_all_others() {
        let text = "score,label\n-1,0\ninf,1\n3,0\n-inf,0\n1e999,1\n";
        let found = read(text).unwrap();
        assert_eq!(found.scores, [-1.0, 7.0, 3.0, -5.0, 7.0]);
        assert_eq!(found.infinite, 3);
        let alone = read("score,label\ninf,1\n-inf,0\n").unwrap();
        assert_eq!(alone.scores, [1.0, -1.0]);
    }

    #[test]
    fn columns_are_found_by_name_and_blind_rows_count_as_zero() {
        let text = "label,score, severity ,timestamp\n0,0.5,,a\n1,,2.5,b\n1, NaN ,,c\n1,1e-3,1,d\n";
        let expected = Scored {
            scores: vec![0.5, 0.0, 0.0, 0.001],
            labels: vec![false, true, true, true],
            severities: vec![None, Some(2.5), None, Some(1.0)],
            blind: vec![1, 2],
            infinite: 0,
        };
        assert_eq!(read(text).unwrap(), expected);
    }

    /// Broken if other columns or spellings cost a file, or if rows of one tick are several rows.
    #[test]
    fn files_of_other_programs_and_of_run_are_read() {
        let nab = "timestamp,value,anomaly_score,is_anomaly\n1,5,0.5,False\n2,6,0.75,True\n";
        let found = read(nab).unwrap();
        assert_eq!(
            (found.scores, found.labels),
            (vec![0.5, 0.75], vec![false, true])
        );
        let choice = Choice {
            score: Some("Mine".to_owned()),
            label: Some("odd".to_owned()),
            labels: None,
        };
        let text = Cursor::new(",mine,odd\n0,1,0.0\n1,2,1.0\n".to_owned());
        let found = Scored::read("x", text, &choice).unwrap();
        assert_eq!(
            (found.scores, found.labels),
            (vec![1.0, 2.0], vec![false, true])
        );
        let choice = Choice {
            labels: Some(vec![false, true, false]),
            ..Choice::default()
        };
        let csv = "tick,timestamp,variable,score\n0,60,a,1\n0,60,b,3\n2,180,a,\n";
        let json = "{\"tick\":0,\"score\":3}\n{\"tick\":2,\"score\":null}\n";
        for text in [csv, json] {
            let found = Scored::read("x", Cursor::new(text.to_owned()), &choice).unwrap();
            assert_eq!(
                (found.scores, found.blind),
                (vec![3.0, 0.0, 0.0], vec![1, 2])
            );
            assert_eq!(found.labels, [false, true, false]);
        }
    }

    #[test]
    fn errors_name_file_line_and_field() {
        for (text, expected) in [
            ("", "s.csv: the file is empty; expected a header line"),
            ("score,label\n", "s.csv: no row after the header"),
            (
                "timestamp,label\n1,0\n",
                "s.csv: line 1: no column `score` (--score COLUMN); there are: timestamp, label",
            ),
            (
                "score,lable\n1,0\n",
                "s.csv: line 1: no column `label` (--label COLUMN, or --labels RECORDING); there are: score, lable",
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
                "score,label,severity\n1,1,inf\n",
                "s.csv: line 2: severity is not finite",
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
