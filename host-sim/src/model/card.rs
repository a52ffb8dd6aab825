//! A model in words and numbers.

mod layer;

use crate::model::limits::said;
use crate::text::hex;
use crate::text::number::counted;
use bellwether::Model;
use bellwether::model::{FrontEnd, Head, Limits, QuantParams};
use layer::LayerView;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The estimated cost of an inference.
#[derive(Clone, Debug, Default)]
pub struct Estimate {
    /// Instructions, by processor.
    pub instructions: BTreeMap<&'static str, u64>,
    /// The same in words.
    pub lines: Vec<String>,
}

/// The content of a model, in words and numbers.
#[derive(Serialize)]
pub struct ModelCard<'m> {
    bytes: usize,
    checksum: String,
    rounding: &'static str,
    head: &'static str,
    window: usize,
    inputs: usize,
    outputs: usize,
    room_bytes: usize,
    macs: u64,
    estimated_instructions: BTreeMap<&'static str, u64>,
    #[serde(skip)]
    estimates: Vec<String>,
    input: GridView,
    saturation_limit: Option<u16>,
    signed: bool,
    training_sha256: Option<String>,
    layers: Vec<LayerView>,
    thresholds: Vec<ThresholdView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variances: Option<VariancesView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    centre: Vec<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<LimitsView>,
    moving: Option<MovingView>,
    confirm: Option<ConfirmView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    front_end: Option<FrontEndView>,
    features: Vec<FeatureView<'m>>,
}

#[derive(Serialize)]
struct GridView {
    scale: f32,
    zero_point: i16,
    bits: u8,
}

#[derive(Serialize)]
struct ThresholdView {
    score: &'static str,
    value: f32,
    quantile: f32,
    rows: u32,
}

/// The expected logarithms of variances.
#[derive(Serialize)]
struct VariancesView {
    scale: f32,
    /// The largest that counts as certain; none if all do.
    certain: Option<f32>,
}

/// Limits of a score in rows that were not fitted.
#[derive(Serialize)]
struct LimitsView {
    score: &'static str,
    usual: f32,
    scale: f32,
    hold: u16,
    threshold: f32,
    rows: u32,
    #[serde(skip)]
    said: String,
}

impl From<Limits> for LimitsView {
    fn from(limits: Limits) -> Self {
        Self {
            score: limits.score.name(),
            usual: limits.rules.usual(),
            scale: limits.rules.scale(),
            hold: limits.rules.hold(),
            threshold: limits.rules.threshold(),
            rows: limits.rows,
            said: said(&limits),
        }
    }
}

/// The front end that makes the variables.
#[derive(Serialize)]
struct FrontEndView {
    kind: &'static str,
    samples: usize,
    hop: u16,
    signals: u16,
}

impl From<FrontEnd<'_>> for FrontEndView {
    fn from(end: FrontEnd<'_>) -> Self {
        Self {
            kind: "burst",
            samples: end.samples(),
            hop: end.hop(),
            signals: end.signals(),
        }
    }
}

#[derive(Serialize)]
struct MovingView {
    shift: u8,
    length: u8,
    latch: u16,
}

#[derive(Serialize)]
struct ConfirmView {
    k: u8,
    n: u8,
}

#[derive(Serialize)]
struct FeatureView<'m> {
    name: &'m str,
    unit: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    divisor: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<f32>,
}

impl From<QuantParams> for GridView {
    fn from(grid: QuantParams) -> Self {
        Self {
            scale: grid.scale,
            zero_point: grid.zero_point,
            bits: if grid.wide { 16 } else { 8 },
        }
    }
}

impl std::fmt::Display for GridView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            scale,
            zero_point,
            bits,
        } = self;
        write!(f, "{bits} bits, scale {scale}, zero point {zero_point}")
    }
}

impl std::fmt::Display for ThresholdView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            score,
            value,
            quantile,
            rows,
        } = self;
        write!(f, "{score} > {value}")?;
        if *quantile > 0.0 {
            write!(f, " (quantile {quantile} of {rows} rows)")?;
        }
        Ok(())
    }
}

impl<'m> ModelCard<'m> {
    /// The card of a model, with the estimated cost of an inference.
    pub fn new(model: &Model<'m>, estimate: Estimate) -> Self {
        let features = model.features().enumerate().map(|(k, feature)| {
            let scale = model.is_scaled().then(|| model.scale(k));
            FeatureView {
                name: feature.name,
                unit: feature.unit,
                offset: scale.map(|scale| scale.offset),
                divisor: scale.map(|scale| scale.divisor),
                mean: scale.map(|scale| scale.mean),
            }
        });
        let thresholds = model.thresholds().map(|threshold| ThresholdView {
            score: threshold.score.name(),
            value: threshold.value,
            quantile: threshold.quantile,
            rows: threshold.rows,
        });
        Self {
            bytes: model.bytes().len(),
            checksum: format!("{:08x}", model.checksum()),
            rounding: model.rounding().name(),
            head: model.head().name(),
            window: model.window(),
            inputs: model.inputs(),
            outputs: model.outputs(),
            room_bytes: 2 * model.arena_len(),
            macs: model.macs(),
            estimated_instructions: estimate.instructions,
            estimates: estimate.lines,
            input: model.input_grid().into(),
            saturation_limit: model.saturation_limit(),
            signed: model.signature().is_some(),
            training_sha256: model.training_digest().map(|digest| hex(&digest)),
            layers: model.layers().map(LayerView::new).collect(),
            thresholds: thresholds.collect(),
            variances: (model.head() == Head::Likelihood).then(|| VariancesView {
                scale: model.second_scale(),
                certain: Some(model.max_log_variance()).filter(|most| *most < f32::INFINITY),
            }),
            centre: match model.head() {
                Head::Distance => (0..model.outputs()).map(|k| model.centre(k)).collect(),
                _ => Vec::new(),
            },
            limits: model.limits().map(LimitsView::from),
            moving: model.ema().map(|moving| MovingView {
                shift: moving.shift(),
                length: moving.length(),
                latch: moving.latch(),
            }),
            confirm: model.k_of_n().map(|confirm| ConfirmView {
                k: confirm.k(),
                n: confirm.n(),
            }),
            front_end: model.front_end().map(FrontEndView::from),
            features: features.collect(),
        }
    }

    /// Facts about the model, for a report.
    pub fn facts(&self, name: &str) -> Vec<(String, String)> {
        let unknown = || "unknown".to_owned();
        let thresholds = self.thresholds.iter().map(|threshold| {
            let by_hand = if threshold.quantile > 0.0 {
                ""
            } else {
                " (set by hand)"
            };
            ("threshold", format!("{threshold}{by_hand}"))
        });
        let outside = self.saturation_limit.map(|limit| {
            (
                "threshold",
                format!("outside > {limit} inputs beyond their grid"),
            )
        });
        let features = self.features.iter().map(|feature| match feature.unit {
            "" => feature.name.to_owned(),
            unit => format!("{} [{unit}]", feature.name),
        });
        let features: Vec<String> = features.collect();
        let before = [
            ("file", name.to_owned()),
            ("checksum", self.checksum.clone()),
            ("bytes", self.bytes.to_string()),
            ("rounding", self.rounding.to_owned()),
            ("head", self.head.to_owned()),
            ("window", counted(self.window as u64, "frame")),
            ("inputs", self.inputs.to_string()),
            ("layers", self.layers.len().to_string()),
        ];
        let after = [
            (
                "sha-256 of the training data",
                self.training_sha256.clone().unwrap_or_else(unknown),
            ),
            ("variables", features.join(", ")),
        ];
        let all = before.into_iter().chain(thresholds).chain(outside);
        all.chain(self.judging())
            .chain(after)
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// As text.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let signed = if self.signed { ", signed" } else { "" };
        writeln!(
            out,
            "{} bytes, checksum {}{signed}",
            self.bytes, self.checksum
        )?;
        writeln!(out, "rounding {}, head {}", self.rounding, self.head)?;
        writeln!(
            out,
            "{} frames of {} variables: {} inputs, {} outputs, {} multiply-and-add steps",
            self.window,
            self.features.len(),
            self.inputs,
            self.outputs,
            self.macs
        )?;
        writeln!(out, "memory: {} bytes of activations", self.room_bytes)?;
        for line in &self.estimates {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "input: {}", self.input)?;
        if let Some(digest) = &self.training_sha256 {
            writeln!(out, "training data: sha-256 {digest}")?;
        }
        for (k, layer) in self.layers.iter().enumerate() {
            writeln!(out, "layer {k}: {layer}")?;
        }
        for threshold in &self.thresholds {
            writeln!(out, "threshold: {threshold}")?;
        }
        if let Some(limit) = self.saturation_limit {
            writeln!(
                out,
                "threshold: more than {limit} inputs outside their grid"
            )?;
        }
        for (key, value) in self.judging() {
            writeln!(out, "{key}: {value}")?;
        }
        for feature in &self.features {
            let unit = if feature.unit.is_empty() {
                String::new()
            } else {
                format!(" [{}]", feature.unit)
            };
            write!(out, "variable: {}{unit}", feature.name)?;
            if let (Some(offset), Some(divisor)) = (feature.offset, feature.divisor) {
                write!(out, ", (x - {offset}) / {divisor}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Settings of the head and of the alarm, by name.
    fn judging(&self) -> Vec<(&'static str, String)> {
        let mut parts = Vec::new();
        if let Some(end) = &self.front_end {
            let signals = counted(end.signals.into(), "signal");
            let (samples, hop) = (end.samples, end.hop);
            let said = format!("bursts of {samples} samples of {signals}, {hop} apart");
            parts.push(("front end", said));
        }
        if let Some(VariancesView { scale, certain }) = &self.variances {
            let certain = certain.map_or("all values count".to_owned(), |most| {
                format!("values count up to {most}")
            });
            parts.push((
                "logarithms of variances",
                format!("scale {scale}, {certain}"),
            ));
        }
        if !self.centre.is_empty() {
            let spelled: Vec<String> = self.centre.iter().map(f32::to_string).collect();
            parts.push(("centre", spelled.join(", ")));
        }
        if let Some(limits) = &self.limits {
            parts.push(("limits", limits.said.clone()));
        }
        if let Some(MovingView {
            shift,
            length,
            latch,
        }) = &self.moving
        {
            let weight = 1_u32 << shift;
            parts.push((
                "moving threshold",
                format!("a score weighs 1/{weight}, margin of {length} scores, latch {latch}"),
            ));
        }
        if let Some(ConfirmView { k, n }) = &self.confirm {
            parts.push(("alarm", format!("{k} of {n} judgements anomalous")));
        }
        parts
    }
}
