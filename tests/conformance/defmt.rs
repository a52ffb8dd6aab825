//! Every public type can be logged with defmt, except those of a Linux host, and the two that hold a
//! storage's function while a snapshot is written or read.

use bellwether::alarm::incidents::{self, Incidents};
use bellwether::alarm::{self, Alarm, Promise};
use bellwether::autoencoder::{self, Autoencoder, windowed};
use bellwether::cascade::{self, Cascade};
use bellwether::chart;
use bellwether::consensus::{self, Consensus};
use bellwether::golden::{self, Golden};
use bellwether::half_space::{self, HalfSpace};
use bellwether::health;
use bellwether::kind;
use bellwether::mahalanobis::{self, Mahalanobis};
use bellwether::math::{Libm, Micromath, Pade};
use bellwether::network::{self, Activations, Network};
use bellwether::node::{self, Node, Wide};
use bellwether::quartet::{self, Quartet};
use bellwether::repad2::predictor::{self, Predictor};
use bellwether::repad2::{self, Guard, Lane, LaneRules, LaneSettings, Recheck, Repad2};
use bellwether::rola::{self, Rola, VoteSettings};
use bellwether::sentinel::{self, Sentinel};
use bellwether::sigma::{self, Sigma};
use bellwether::signal::{self, Burst, LogMel, Statistic};
use bellwether::statistics::{maximum::Maximum, window};
use bellwether::testing::{
    Comparison, ErrorWindow, MinMax, Moments, Multiplier, SequenceTraining, Sigmas,
    TimeIndexTraining, Waves, Weights,
};
use bellwether::threshold::{ema, quantile, spot, surprise};
use bellwether::vote::{k_of_n, weighted};
use bellwether::{
    Alert, Assessment, Blindness, Cause, Clock, Model, Monitor, Outcome, Reading, State, Summary,
    Tick, Verdict, error, model, report, summary,
};
use bellwether_hal::driver::pmbus;
use bellwether_hal::{
    Advice, Aggregate, Assembler, AsyncChannels, AsyncChecked, Channels, Checked, Decimator,
    FrameReader, Gauge, Injection, Injector, Measurand, ReadFault, Ring, Slots, Snapshots, Writer,
};
use bellwether_hal::{driver, sink, source, storage};
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
        Alert,
        Blindness,
        State,
        Assessment,
        Clock,
        Monitor<'static, 'static, Repad2<8>>,
        Verdict<3>,
        rola::Correlation,
        Outcome,
        Rola<3, 8, 8>,
        rola::Settings<3>,
        rola::Rules<3, 8, 8>,
        VoteSettings,
        Lane<8>,
        LaneSettings,
        LaneRules,
        Repad2<8>,
        repad2::Settings,
        repad2::Rules<8>,
        Sigma<3>,
        Burst<64>,
        signal::Rules<64>,
        Statistic,
        LogMel<5>,
        model::FrontEnd<'static>,
        model::front_end::Source,
        health::Complaint,
        health::Health<3>,
        health::Symptom,
        kind::Finding,
        kind::Kind,
        kind::Scales<'static>,
        Sentinel<Quartet<3, 5, 2>, 3>,
        sentinel::Lookout<3>,
        sentinel::Rules<quartet::Rules<3, 5, 2>>,
        sentinel::Scored<'static>,
        sentinel::Settings<quartet::Settings>,
        sigma::Score,
        sigma::Settings<3>,
        sigma::Rules<3>,
        chart::Charts<chart::Window<4>, 3>,
        chart::Cusum,
        chart::Gaussian,
        chart::Limits,
        chart::PageHinkley,
        chart::Profile<4>,
        chart::Point,
        chart::Rules<chart::cusum::Settings, 3>,
        chart::Settings<chart::cusum::Settings>,
        chart::Window<4>,
        chart::cusum::Settings,
        chart::gaussian::Settings,
        chart::limits::Level,
        chart::limits::Settings,
        chart::page_hinkley::Settings,
        chart::profile::Settings<4>,
        chart::window::Settings<4>,
        HalfSpace<3, 2, 16>,
        half_space::Settings<3, 2, 16>,
        half_space::Rules<3, 2, 16>,
        Consensus<3, 4>,
        consensus::Settings<3, 4>,
        consensus::Rules<3, 4>,
        Golden<3, 16, 9>,
        golden::Begin,
        golden::Departure,
        golden::Settings<3, 16, 9>,
        golden::Rules<3, 16, 9>,
        Mahalanobis<3>,
        mahalanobis::Settings<3>,
        mahalanobis::Rules<3>,
        Quartet<3, 5, 2>,
        quartet::Settings,
        quartet::Rules<3, 5, 2>,
        quartet::Shape,
        quartet::fitting::Fitting<3, 5, 2, 3, 9, 2>,
        quartet::fitting::Settings,
        quartet::fitting::Rules<3, 5, 2, 3, 9, 2>,
        quartet::Calibration,
        quartet::Fit<'static>,
        quartet::Score,
        quartet::Verdict,
        Node<Wide<3>, 3>,
        node::Settings<node::wide::Settings>,
        node::Rules<node::wide::Rules<3>, 3>,
        node::Scale<'static>,
        node::Score,
        node::Blame,
        node::Pairs<3>,
        node::Probes<2>,
        node::Verdict,
        node::Confidence,
        node::Doubt,
        node::Moving<Wide<3>, 3, 5>,
        node::moving::Model,
        node::moving::Settings<node::wide::Settings>,
        node::moving::Rules<node::wide::Rules<3>, 3, 5>,
        node::moving::Last<'static, 3>,
        Wide<3>,
        node::wide::Settings,
        node::wide::Rules<3>,
        node::fit::Work<3>,
        Recheck,
        Guard,
        window::Window<f32, 8>,
        ErrorWindow<8>,
        Comparison,
        Waves<3>,
        Sigmas,
        error::Allowed,
        error::FrameTooSmall,
        error::SettingsError,
        error::SnapshotError,
        error::TransferError<u8>,
        error::ReportError,
        report::Answer,
        report::Course,
        report::Detail,
        report::Framed,
        report::Name,
        report::Notice,
        report::Record,
        report::Values,
        summary::Count,
        Summary,
        Libm,
        Pade,
        Micromath,
        MinMax,
        predictor::Fit<predictor::Ewma>,
        predictor::Persistence,
        predictor::Ewma,
        predictor::TabulatedLstm,
        predictor::FixedSeedLstm,
        predictor::SequenceLstm,
        <predictor::FixedSeedLstm as Predictor>::Trainer,
        <predictor::SequenceLstm as Predictor>::Trainer,
        Weights,
        Moments,
        TimeIndexTraining,
        SequenceTraining,
    ];
    types.append(&mut loggable![
        Autoencoder<8>,
        autoencoder::Settings<'static>,
        autoencoder::Rules<'static, 8>,
        autoencoder::Reason,
        autoencoder::Contribution,
        autoencoder::Alarm,
        autoencoder::Scores,
        autoencoder::Windowed<8, 2, 8>,
        windowed::Rules<'static, 8, 2, 8>,
        weighted::Rules,
        weighted::Record,
        weighted::Count,
        weighted::Weighted<3>,
        cascade::Wake,
        cascade::Reason,
        cascade::Verdict,
        cascade::Settings<sigma::Settings<2>, sigma::Settings<2>>,
        cascade::Rules<sigma::Rules<2>, sigma::Rules<2>>,
        Cascade<Sigma<2>, Sigma<2>>,
        k_of_n::Rules,
        k_of_n::KOfN,
        ema::Rules,
        ema::EmaThreshold,
        quantile::Rules,
        quantile::QuantileThreshold,
        surprise::Rules,
        surprise::Surprise,
        spot::Settings,
        spot::Rules<8>,
        spot::SpotThreshold<8>,
        Alarm<96>,
        alarm::Settings,
        alarm::Rules<96>,
        alarm::Basis,
        Promise,
        alarm::Grade,
        alarm::Phase,
        alarm::Episode,
        alarm::Event,
        Incidents,
        incidents::Incident,
        incidents::Rules,
        Maximum<8>,
        Activations<8>,
        Network<'static, 8>,
        network::CacheLine,
        network::PackingTooSmall,
        Multiplier,
        error::ModelError,
        Model<'static>,
        model::Aligned<[u8; 8]>,
        model::Feature<'static>,
        model::Features<'static>,
        model::Head,
        model::Limits,
        model::Activation,
        model::Dense<'static>,
        model::Order,
        model::Lookup<'static>,
        model::Curve<'static>,
        model::layer::lookup::Table<'static>,
        model::layer::lookup::Tables<'static>,
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
        Checked<fn() -> Result<f32, u8>>,
        AsyncChecked<fn() -> core::future::Ready<Result<f32, u8>>>,
        AsyncChannels<u8>,
        Advice,
        Gauge<u8>,
        driver::awaited::Awaited<u8>,
        driver::bme280::Bme280<u8, u8>,
        driver::error::DriverError,
        driver::ina3221::Ina3221<u8>,
        Measurand,
        ReadFault<embedded_hal::i2c::ErrorKind>,
        pmbus::Command,
        pmbus::Format,
        pmbus::Linear16,
        pmbus::Direct,
        pmbus::Pmbus<u8>,
        Channels<u8, 3>,
        Injector<u8, [Injection; 1], 1, 1>,
        Injection,
        source::inject::ChannelSet,
        source::inject::Kind,
        source::inject::Problem,
        source::inject::InjectError,
        source::stream::Opening,
        source::stream::StreamError<embedded_io::ErrorKind>,
        FrameReader<u8>,
        Assembler<3>,
        source::assembler::Assembled,
        source::assembler::periods::Periods,
        source::assembler::slot::Slot,
        Aggregate,
        Decimator<u8, 3>,
        Ring<64>,
        sink::ring::Full,
        sink::ring::RingError,
        sink::ring::awaited::Peeked<'static>,
        Writer<u8>,
        sink::writer::WriteError<embedded_io::ErrorKind>,
        Slots<u8>,
        Snapshots<u8>,
        storage::snapshots::Restored,
        storage::snapshots::StoreError<embedded_io::ErrorKind>,
        storage::slots::Slot,
        storage::slots::State,
        storage::slots::Record,
        storage::slots::Incoming<'static, u8>,
        storage::slots::SlotError<embedded_io::ErrorKind>,
    ]);
    types
}

/// The paths of the public types that the files of a module define.
fn defined(folder: &Path, module: &str, types: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("sources") {
        let path = entry.expect("sources").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        // Of a Linux host: there is no defmt where there is a `std`.
        if name == "linux" {
            continue;
        }
        let inner = match &*name {
            "lib" => module.to_owned(),
            name => format!("{module}::{name}"),
        };
        if ["reader", "writer"]
            .map(|end| format!("bellwether::wire::snapshot::{end}"))
            .contains(&inner)
        {
            continue;
        }
        if path.is_dir() {
            defined(&path, &inner, types);
            continue;
        }
        if path.extension().is_none_or(|end| end != "rs") {
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
