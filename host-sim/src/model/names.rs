//! The variables of a model, as a CSV file: `name,unit[,offset,divisor,mean]`, one a row.

use super::blob::NamedFeature;
use anyhow::{Context, bail, ensure};
use bellwether::model::Scale;
use std::path::Path;

/// Variables in their order, and their scales where the file has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables {
    /// Names and units.
    pub features: Vec<NamedFeature>,
    /// One scale each, or none at all.
    pub scales: Vec<Scale>,
}

impl Variables {
    /// `x0`, `x1` and so on, without unit and scale.
    pub fn numbered(count: usize) -> Self {
        let name = |k| NamedFeature {
            name: format!("x{k}"),
            unit: String::new(),
        };
        Self {
            features: (0..count).map(name).collect(),
            scales: Vec::new(),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, or a row makes no sense; the line is named.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let scaled = match header.join(",").as_str() {
            "name,unit" => false,
            "name,unit,offset,divisor,mean" => true,
            found => bail!(
                "line 1: expected `name,unit` or `name,unit,offset,divisor,mean`, found `{found}`"
            ),
        };
        let mut all = Self::default();
        for row in reader.records() {
            let row = row?;
            let line = row.position().map_or(0, csv::Position::line);
            let field = |k: usize| row.get(k).unwrap_or_default();
            let feature = NamedFeature {
                name: field(0).to_owned(),
                unit: field(1).to_owned(),
            };
            ensure!(!feature.name.is_empty(), "line {line}: the name is empty");
            for text in [&feature.name, &feature.unit] {
                ensure!(
                    text.len() <= 255,
                    "line {line}: `{text}` is longer than 255 bytes"
                );
            }
            ensure!(
                all.features.iter().all(|other| other.name != feature.name),
                "line {line}: the name `{}` was used before",
                feature.name
            );
            all.features.push(feature);
            if scaled {
                let number = |k: usize| {
                    let found = field(k).parse::<f32>();
                    found.with_context(|| format!("line {line}: `{}` is not a number", field(k)))
                };
                let scale = Scale {
                    offset: number(2)?,
                    divisor: number(3)?,
                    mean: number(4)?,
                };
                ensure!(
                    scale.divisor.is_normal() && scale.divisor > 0.0,
                    "line {line}: divisor {} is not above 0 (drop constant variables)",
                    scale.divisor
                );
                all.scales.push(scale);
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_read_where_the_header_has_them() {
        let all = Variables::parse("name,unit,offset,divisor,mean\nfan,rpm,1000,500,1200\n");
        let all = all.unwrap();
        assert_eq!(all.features[0].unit, "rpm");
        assert_eq!(all.scales[0].divisor, 500.0);
        assert!(
            Variables::parse("name,unit\na,\nb,W\n")
                .unwrap()
                .scales
                .is_empty()
        );
    }

    #[test]
    fn errors_name_the_line() {
        for (text, wanted) in [
            ("a,b\n", "expected `name,unit`"),
            (
                "name,unit\na,W\na,V\n",
                "line 3: the name `a` was used before",
            ),
            ("name,unit\n,W\n", "line 2: the name is empty"),
            (
                "name,unit,offset,divisor,mean\na,W,0,0,0\n",
                "line 2: divisor 0",
            ),
            (
                "name,unit,offset,divisor,mean\na,W,0,x,0\n",
                "line 2: `x` is not a number",
            ),
        ] {
            let found = format!("{:#}", Variables::parse(text).unwrap_err());
            assert!(found.contains(wanted), "{found}");
        }
    }
}
