//! Every public type can be logged with defmt, except those of a Linux host.

use bellwether::autoencoder::{self, Autoencoder};
use bellwether::math::{Libm, Micromath, Pade};
use bellwether::repad2::predictor::{Predictor, Scale};
use bellwether::repad2::{self, Lane, Repad2};
use bellwether::repad2::{Guard, LaneRules};
use bellwether::testing::{Comparison, ErrorWindow, Sigmas};
use bellwether::{
    Assessment, Cause, Ensemble, LaneSettings, Model, Reading, Recheck, Rules, Settings, State,
    Tick, VariableSet, Verdict, VoteSettings, error, lstm, model, predictor, report, verdict, vote,
    window,
};
use bellwether_hal::{
    Channels, FrameReader, Injection, Injector, Ring, Slots, Watched, Writer, inject, ring, slots,
    stream, watched, writer,
};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The path of a type that can be logged, without its parameters.
fn loggable<T: defmt::Format>() -> String {
    let name = std::any::type_name::<T>();
    name.split('<').next().unwrap_or(name).to_owned()
}

macro_rules! loggable {
    ($($type:ty),* $(,)?) => {
        BTreeSet::from([$(loggable::<$type>()),*])
    };
}

/// Does not compile if one of them cannot be logged.
fn listed() -> BTreeSet<String> {
    let mut types = loggable![
        Tick,
        Cause,
        Reading,
        VariableSet,
        State,
        Assessment,
        Verdict<3>,
        verdict::Correlation,
        vote::Poll,
        Ensemble<3, 8, 8>,
        Lane<8>,
        Repad2<8>,
        repad2::Rules,
        window::Window<f32, 8>,
        ErrorWindow<8>,
        Judgement,
        Sigmas,
        Settings<3>,
        Rules<3>,
        LaneSettings,
        LaneRules,
        VoteSettings,
        Recheck,
        Guard,
        error::FrameTooSmall,
        error::SettingsError,
        error::SnapshotError,
        error::ReportError,
        report::Detail,
        report::Outcome,
        report::Record,
        Libm,
        Pade,
        Micromath,
        Scale,
        predictor::Fit<predictor::Ewma>,
        predictor::Persistence,
        predictor::Ewma,
        predictor::TabulatedLstm,
        predictor::FixedSeedLstm,
        predictor::SequenceLstm,
        <predictor::FixedSeedLstm as Predictor>::Trainer,
        <predictor::SequenceLstm as Predictor>::Trainer,
        lstm::Weights,
        lstm::adam::Moments,
        lstm::time_index::Training,
        lstm::sequence::Training,
    ];
    types.append(&mut loggable![
        Autoencoder<8>,
        autoencoder::Rules<'static, 8>,
        autoencoder::Reason,
        autoencoder::Contribution,
        autoencoder::Alarm,
        autoencoder::Windowed<8, 2, 8>,
        bellwether::vote::k_of_n::Confirm,
        bellwether::vote::k_of_n::KOfN,
        bellwether::threshold::ema::Moving,
        bellwether::threshold::ema::EmaThreshold,
        autoencoder::Activations<8>,
        autoencoder::Network<'static, 8>,
        autoencoder::panels::Line,
        autoencoder::panels::PackingTooSmall,
        autoencoder::requantise::Multiplier,
        autoencoder::Scores,
        error::ModelError,
        Model<'static>,
        model::Aligned<[u8; 8]>,
        model::Feature<'static>,
        model::Features<'static>,
        model::Head,
        model::Activation,
        model::Dense<'static>,
        model::Order,
        model::Lookup<'static>,
        model::layer::lookup::Table<'static>,
        model::Function,
        model::Conv1d<'static>,
        model::Recurrent<'static>,
        model::Cell,
        model::Layer<'static>,
        model::QuantParams,
        model::Rounding,
        model::Scale,
        model::Score,
        model::Threshold,
    ]);
    types.append(&mut loggable![
        Watched<fn() -> Result<f32, u8>>,
        watched::Fault<embedded_hal::i2c::ErrorKind>,
        Channels<u8, 3>,
        Injector<u8, [Injection; 1], 1, 1>,
        Injection,
        inject::Kind,
        inject::Problem,
        inject::InjectError,
        Ring<64>,
        ring::Full,
        ring::RingError,
        Writer<u8>,
        writer::WriteError<embedded_io::ErrorKind>,
        FrameReader<u8>,
        stream::Opening,
        stream::StreamError<embedded_io::ErrorKind>,
        Slots<u8>,
        slots::Slot,
        slots::State,
        slots::Record,
        slots::Incoming<'static, u8>,
        slots::SlotError<embedded_io::ErrorKind>,
    ]);
    types
}

/// The paths of the public types that the files of a module define.
fn defined(folder: &Path, module: &str, types: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("sources") {
        let path = entry.expect("sources").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        if name == "hwmon" {
            continue;
        }
        let inner = match &*name {
            "lib" => module.to_owned(),
            name => format!("{module}::{name}"),
        };
        if path.is_dir() {
            defined(&path, &inner, types);
            continue;
        }
        let source = fs::read_to_string(&path).expect("sources are text");
        for line in source.lines() {
            let kinds = ["pub struct ", "pub enum ", "pub union "];
            let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind));
            let name = rest.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            types.extend(name.map(|name| format!("{inner}::{name}")));
        }
    }
}

/// Broken by a public type that is new and not in the list above, or gone.
#[test]
fn every_public_type_can_be_logged() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut types = BTreeSet::new();
    defined(&root.join("core/src"), "bellwether", &mut types);
    defined(&root.join("hal-adapters/src"), "bellwether_hal", &mut types);
    let listed = listed();
    let missing: Vec<_> = types.difference(&listed).collect();
    assert!(missing.is_empty(), "not in the list: {missing:?}");
    let gone: Vec<_> = listed.difference(&types).collect();
    assert!(gone.is_empty(), "in no source: {gone:?}");
}
