//! Probe `no-panic`: calls all that the library does, so that all of it is linked, and prints
//! nothing: what panic code the linked program has is the library's. It is linked and not run.

use bellwether::autoencoder::{Alarm, Autoencoder, AutoencoderRules, Network, Windowed};
use bellwether::confirm::Confirmation;
use bellwether::lane::{Repad2, Repad2Rules};
use bellwether::math::{Micromath, Pade};
use bellwether::moving::MovingThreshold;
use bellwether::port::FrameSource;
use bellwether::predictor::{Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm};
use bellwether::report::{Detail, Record, records};
use bellwether::statistics::correlation::pearson;
use bellwether::window::Window;
use bellwether::{
    Detector, Ensemble, LaneSettings, Model, Reading, Settings, Snapshot, Tick, VariableSet, vote,
};
use bellwether_hal::inject::{Injection, Injector, Kind};
use bellwether_hal::{Channels, Watched};
use core::hint::black_box;

/// Number of variables of the ensemble.
const V: usize = 3;

/// An ensemble: settings, judgement, vote, report records both ways, snapshot both ways.
#[inline(never)]
pub fn ensemble<const W: usize, const P: usize>(
    rola: &mut Ensemble<V, W, P>,
    buffer: &mut [u8],
) -> usize {
    let Ok(rules) = Ensemble::<V, W, P>::rules(black_box(Settings::DEFAULT)) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let verdict = rola.observe(&rules, black_box(Tick(1)), &frame);
    let mut done = 0;
    for record in records(verdict, black_box(Detail::Everything)) {
        done += usize::from(Record::parse(black_box(&record.frame())).is_ok());
    }
    done += usize::from(verdict.assessment().is_anomalous());
    done += rola.save(&rules, buffer).unwrap_or(0);
    done += usize::from(rola.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(rola);
    done
}

/// A sensor with a fault of any kind.
#[inline(never)]
pub fn faults() -> usize {
    let sensor = Watched::new(|| Ok::<f32, ()>(black_box(1.0)), -10.0..=10.0);
    let fault = Injection {
        kind: black_box(Kind::Stuck),
        first: black_box(Tick(1)),
        length: black_box(4),
        channels: black_box(VariableSet::EMPTY),
        seed: black_box(7),
    };
    let Ok(mut source) = Injector::<_, _, V, 8>::new(Channels::new([sensor]), [fault]) else {
        return 0;
    };
    let mut frame = [Reading::Value(0.0); V];
    usize::from(source.next_frame(black_box(&mut frame)).is_ok())
}

/// A lane of its own with each predictor.
pub fn predictors() -> usize {
    lane::<FixedSeedLstm>()
        + lane::<FixedSeedLstm<Pade>>()
        + lane::<FixedSeedLstm<Micromath>>()
        + lane::<Persistence>()
        + lane::<Ewma>()
        + lane::<SequenceLstm>()
}

#[inline(never)]
fn lane<F: Predictor>() -> usize {
    let mut lane = Repad2::<16, F>::new();
    let Ok(settings) = black_box(LaneSettings::DEFAULT).check(16) else {
        return 0;
    };
    let rules = Repad2Rules {
        lane: settings,
        floor: 1.0,
    };
    let answer = lane.observe(&rules, black_box(Reading::Value(1.0)));
    usize::from(answer.is_anomalous())
}

/// Correlation and vote by themselves.
pub fn vote_alone() -> usize {
    let window = black_box(Window::<f32, 8>::new());
    let related = |_, _| pearson(&window, &window, 8, 2).is_some();
    let flagged = black_box(VariableSet::EMPTY);
    vote::confirm(&flagged, V, related).confirmed.len()
}

/// A model of any bytes: everything that is checked, asked and judged.
#[inline(never)]
pub fn autoencoder<const N: usize>(detector: &mut Autoencoder<N>, blob: &[u8]) -> usize {
    let Ok(model) = Model::parse(black_box(blob)) else {
        return 0;
    };
    let mut done = usize::from(model.expect_features(black_box(&["t"])).is_ok());
    done += usize::from(model.signature().is_some());
    done += usize::from(model.training_digest().is_some());
    if let Ok(network) = Network::<N>::new(model) {
        done += usize::from(network.model().macs() > 0);
    }
    let Ok(rules) = AutoencoderRules::new(model) else {
        return done;
    };
    let inputs = black_box([1.0_f32; N]);
    let answer = detector.observe(&rules, &inputs);
    done += usize::from(answer.is_anomalous());
    done += usize::from(detector.reason().is_some());
    let top = detector.top::<3, _>(&rules, &inputs);
    let occluded = detector.occluded::<3, _>(&rules, &inputs);
    let causes = top.into_iter().chain(occluded).flatten();
    done += causes.map(|c| c.feature).sum::<usize>();
    let mut alarm = black_box(Alarm::new());
    let answer = alarm.observe(&rules, detector, answer);
    done += usize::from(answer.is_anomalous() || alarm.is_confirmed());
    done + restarts(&model, &mut alarm)
}

/// What an alarm has learned, both ways.
fn restarts(model: &Model<'_>, alarm: &mut Alarm) -> usize {
    let mut done = 0;
    let mut buffer = black_box([0; MovingThreshold::SNAPSHOT_MAX + Confirmation::SNAPSHOT_MAX]);
    if let Some(rules) = model.moving() {
        done += alarm.moving.save(&rules, &mut buffer).unwrap_or(0);
        done += usize::from(alarm.moving.restore(&rules, black_box(&buffer)).is_ok());
    }
    if let Some(rules) = model.confirm() {
        done += alarm.confirmation.save(&rules, &mut buffer).unwrap_or(0);
        let restored = alarm.confirmation.restore(&rules, black_box(&buffer));
        done += usize::from(restored.is_ok());
    }
    done
}

/// A window, frame by frame.
#[inline(never)]
pub fn windowed<const N: usize>(detector: &mut Windowed<V, 4, N>, blob: &[u8]) -> usize {
    let model = Model::parse(black_box(blob));
    let Some(rules) = model
        .ok()
        .and_then(|model| AutoencoderRules::new(model).ok())
    else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = detector.observe(&rules, black_box(Tick(1)), &frame);
    let (top, occluded) = (detector.top::<2>(&rules), detector.occluded::<2>(&rules));
    let causes = top.into_iter().chain(occluded).flatten();
    usize::from(answer.is_anomalous()) + causes.map(|c| c.feature).sum::<usize>()
}
