//! Probes `no-panic`, `no-panic-detectors` and `no-panic-sentinel`: call all that the library does, so that all of
//! it is linked, and print nothing: panic code in the linked program is the library's. It is linked and not run.

use bellwether::autoencoder::windowed::{self, Windowed};
use bellwether::autoencoder::{Alarm, Autoencoder, Rules as ModelRules};
use bellwether::cascade::{self, Cascade};
use bellwether::consensus::{self, Consensus};
use bellwether::golden::{self, Golden};
use bellwether::half_space::{self, HalfSpace};
use bellwether::mahalanobis::{self, Mahalanobis};
use bellwether::math::{Micromath, Pade};
use bellwether::network::Network;
use bellwether::node::{self, Moving, Node, Pairs, Probes, Wide, fit::Work, moving, wide};
use bellwether::port::FrameSource;
use bellwether::quartet::Shape;
use bellwether::repad2::predictor::{Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm};
use bellwether::repad2::{self, Repad2};
use bellwether::report::{
    Detail, Notice, Record, assessment_records, frame_records, hello, notice_records, records,
};
use bellwether::rola::{Rola, Rules, Settings};
use bellwether::sentinel;
use bellwether::sigma::{self, Sigma};
use bellwether::statistics::correlation::pearson;
use bellwether::statistics::window::Window;
use bellwether::threshold::ema::EmaThreshold;
use bellwether::vote::k_of_n::KOfN;
use bellwether::vote::majority::majority;
use bellwether::vote::weighted::{self, Weighted};
use bellwether::{
    Alert, Assessment, Detector, Model, Monitor, Promise, Reading, Snapshot, State, Summary, Tick,
    sentinel_of,
};
use bellwether_hal::source::inject::{ChannelSet, Injection, Injector, Kind};
use bellwether_hal::{Channels, Checked};
use core::hint::black_box;

/// Number of variables of the ensemble.
const V: usize = 3;

/// An ensemble: settings, judgement, a vote at once or spread, report records both ways, snapshots
/// both ways, in pieces and whole.
#[inline(never)]
pub fn ensemble<const W: usize, const P: usize>(
    rola: &mut Rola<V, W, P>,
    buffer: &mut [u8],
) -> usize {
    let mut settings = black_box(Settings::DEFAULT);
    settings.vote.pairs_per_frame = black_box(Some(1));
    let Ok(rules) = Rules::new(settings) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    rola.decide(&rules, black_box(Tick(1)), &frame);
    let (verdict, voted) = (rola.verdict(), rola.correlations(&rules));
    let mut done = usize::from(verdict.assessment().is_anomalous());
    let greeting = hello::<Rola<V, W, P>>("rola", V as u16, &rules, [W as u32, P as u32, 0]);
    let records = records(verdict, voted, black_box(Detail::Everything));
    done += read_back(&mut core::iter::once(greeting).chain(records));
    done += rola.save(&rules, buffer).unwrap_or(0);
    done += usize::from(rola.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(rola);
    done + monitored(rola, buffer)
}

/// The records that a reader takes.
///
/// Once, since the smallest flash has no room for a copy in each caller.
#[inline(never)]
fn read_back(records: &mut dyn Iterator<Item = Record>) -> usize {
    let read = |record: &Record| Record::parse(black_box(&record.frame())).is_ok();
    records.filter(read).count()
}

/// A detector that counts its frames itself, and whose snapshot goes in pieces.
fn monitored<const W: usize, const P: usize>(rola: &mut Rola<V, W, P>, buffer: &mut [u8]) -> usize {
    let Ok(mut monitor) = Monitor::new(rola, black_box(Settings::DEFAULT)) else {
        return 0;
    };
    let answer = monitor.observe(black_box([Some(1.0), None, Some(f32::NAN)]));
    let mut done = usize::from(answer.alert() > Alert::None);
    monitor.skip(black_box(2));
    let mut end = 0;
    let saved = monitor.save_to(&mut |piece| {
        let place = buffer.get_mut(end..).unwrap_or_default();
        let place = place.split_at_mut_checked(piece.len()).ok_or(())?.0;
        place
            .iter_mut()
            .zip(piece)
            .for_each(|(to, from)| *to = *from);
        end += piece.len();
        Ok::<(), ()>(())
    });
    done += saved.unwrap_or(0);
    let restored = monitor.restore_from(&mut |offset, piece| {
        let bytes = buffer.get(offset..).ok_or(())?;
        piece
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
        Ok::<(), ()>(())
    });
    done += restored.map_or(0, |tick| tick.0 as usize);
    done += monitor.save(buffer).unwrap_or(0);
    done += usize::from(monitor.restore(black_box(buffer)).is_ok());
    monitor.reset();
    done + monitor.next_tick().0 as usize
}

/// Fixed limits: learned, assessed with their contributions, saved and restored.
#[inline(never)]
pub fn sigma(sigma: &mut Sigma<V>, buffer: &mut [u8]) -> usize {
    let settings = black_box(sigma::Settings::DEFAULT);
    let Ok(rules) = sigma::Rules::try_from(settings) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = sigma.observe(&rules, black_box(Tick(1)), &frame);
    let parts = sigma.contributions(&rules, &frame);
    let mut done = assessment_records(Tick(1), &answer, 0, parts, Detail::Everything).count();
    done += sigma.save(&rules, buffer).unwrap_or(0);
    done += usize::from(sigma.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(sigma);
    done
}

/// Distances: learned, assessed with their parts, followed, saved and restored.
#[inline(never)]
pub fn mahalanobis(state: &mut Mahalanobis<V>, buffer: &mut [u8]) -> usize {
    let settings = black_box(mahalanobis::Settings {
        memory: 2000,
        ..mahalanobis::Settings::DEFAULT
    });
    let Ok(rules) = mahalanobis::Rules::try_from(settings) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = state.observe(&rules, black_box(Tick(1)), &frame);
    let parts = state.contributions(&rules, &frame);
    let mut done = assessment_records(Tick(1), &answer, 0, parts, Detail::Everything).count();
    done += state.save(&rules, buffer).unwrap_or(0);
    done += usize::from(state.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(state);
    done
}

/// Trees: learned, assessed with the parts of variables, saved and restored.
#[inline(never)]
pub fn half_space(state: &mut HalfSpace<V, 4, 32>, buffer: &mut [u8]) -> usize {
    let settings = black_box(half_space::Settings::DEFAULT);
    let Ok(rules) = half_space::Rules::try_from(settings) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = state.observe(&rules, black_box(Tick(1)), &frame);
    let parts = state.contributions(&rules, &frame);
    let mut done = assessment_records(Tick(1), &answer, 0, parts, Detail::Everything).count();
    done += state.save(&rules, buffer).unwrap_or(0);
    done += usize::from(state.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(state);
    done
}

/// Models that must agree: trained, assessed with the scores of variables, saved and restored.
#[inline(never)]
pub fn consensus(state: &mut Consensus<V, 4>, buffer: &mut [u8]) -> usize {
    let settings = black_box(consensus::Settings::DEFAULT);
    let Ok(rules) = consensus::Rules::try_from(settings) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = state.observe(&rules, black_box(Tick(1)), &frame);
    let parts = state.contributions(&frame);
    let mut done = assessment_records(Tick(1), &answer, 0, parts, Detail::Everything).count();
    done += state.save(&rules, buffer).unwrap_or(0);
    done += usize::from(state.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(state);
    done
}

/// A golden run: begun, learned from, compared, saved and restored.
#[inline(never)]
pub fn golden(state: &mut Golden<V, 16, 9>, buffer: &mut [u8]) -> usize {
    let begin = black_box(golden::Begin::Every(8));
    let settings = golden::Settings {
        begin,
        ..black_box(golden::Settings::DEFAULT)
    };
    let Ok(rules) = golden::Rules::try_from(settings) else {
        return 0;
    };
    state.begin();
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = state.observe(&rules, black_box(Tick(1)), &frame);
    let parts = state.contributions(&rules, &frame);
    let mut done = assessment_records(Tick(1), &answer, 0, parts, Detail::Everything).count();
    done += usize::from(state.departure().position) + usize::from(state.position());
    done += state.save(&rules, buffer).unwrap_or(0);
    done += usize::from(state.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(state);
    done
}

/// A node whose normal moves: fitted, assessed, a change accepted, refitted, saved and restored.
#[inline(never)]
pub fn moving(state: &mut Moving<Wide<V>, V, 24>, work: &mut Work<V>, buffer: &mut [u8]) -> usize {
    let mut settings = moving::Settings::new(wide::Settings {
        variables: V as u16,
    });
    settings.accept = black_box(20);
    settings.node.trim = black_box(0.1);
    let Ok(rules) = moving::Rules::try_from(settings) else {
        return 0;
    };
    let rows = black_box([[1.0; V]; 20]);
    let fitted = state.fit(&rules, &mut rows.as_slice(), work);
    let mut done = fitted.map_or(0, |confidence| confidence.doubts().count());
    let frame = black_box([Reading::Value(1.0); V]);
    let verdict = state.decide(&rules, black_box(Tick(1)), &frame);
    done += usize::from(verdict.score.is_some()) + usize::from(state.is_due(&rules));
    done += usize::from(state.accept(&rules, work).is_ok());
    done += usize::from(state.refit(&rules, work).is_ok());
    done += state.model(state.counted()).surprises().count();
    done += state.save(&rules, buffer).unwrap_or(0);
    done += usize::from(state.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(state);
    done
}

/// A node with wide lanes and its pairs: fitted on the device, assessed, saved and restored.
#[inline(never)]
pub fn node(
    node: &mut Node<Wide<V>, V>,
    pairs: &mut Pairs<V>,
    probes: &mut Probes<2>,
    work: &mut Work<V>,
    buffer: &mut [u8],
) -> usize {
    let settings = black_box(node::Settings::new(wide::Settings {
        variables: V as u16,
    }));
    let Ok(rules) = node::Rules::try_from(settings) else {
        return 0;
    };
    let rows = black_box([[1.0; V]; 20]);
    let mut done = usize::from(node.fit(&rules, &mut rows.as_slice(), work).is_ok());
    pairs.fit(node, &mut rows.as_slice(), work);
    let frame = black_box([Reading::Value(1.0); V]);
    let verdict = node.decide(&rules, black_box(Tick(1)), &frame);
    done += usize::from(verdict.score.is_some()) + node.surprises().count();
    done += pairs.blamed(node).count() + pairs.save(buffer).unwrap_or(0);
    done += usize::from(pairs.expected(node, black_box(1)).is_some());
    probes.take(pairs, node);
    done += probes.save(buffer).unwrap_or(0);
    done += usize::from(probes.restore(black_box(buffer)).is_ok());
    done += usize::from(pairs.restore(black_box(buffer)).is_ok());
    done += node.save(&rules, buffer).unwrap_or(0);
    done += usize::from(node.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(node);
    done
}

/// A cascade: a row, saved and restored.
#[inline(never)]
pub fn cascade(cascade: &mut Cascade<Sigma<V>, Mahalanobis<V>>, buffer: &mut [u8]) -> usize {
    let settings = black_box(cascade::Settings {
        watcher: sigma::Settings::DEFAULT,
        costly: mahalanobis::Settings::DEFAULT,
        wake: cascade::Wake::DEFAULT,
    });
    let Ok(rules) = cascade::Rules::try_from(settings) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let verdict = cascade.decide(&rules, black_box(Tick(1)), &frame);
    let mut done = usize::from(verdict.assessment().is_anomalous());
    done += cascade.save(&rules, buffer).unwrap_or(0);
    done += usize::from(cascade.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(cascade);
    done
}

/// A weighted vote: counted, learned from, saved and restored.
#[inline(never)]
pub fn weighted(buffer: &mut [u8]) -> usize {
    let Ok(rules) = weighted::Rules::new(black_box(32)) else {
        return 0;
    };
    let mut vote = Weighted::<V>::new();
    let count = vote.observe(rules, &black_box([Some(true); V]));
    let mut done = usize::from(count.raised) + vote.save(buffer).unwrap_or(0);
    done += usize::from(vote.restore(black_box(buffer)).is_ok());
    done
}

/// Sizes of the sentinel.
pub const SHAPE: Shape = Shape::new(V as u16);

/// The sentinel: fitted on the device, alarms, complaints, saved and restored.
#[inline(never)]
pub fn sentinel(sentinel: &mut sentinel_of!(SHAPE), buffer: &mut [u8]) -> usize {
    let mut settings = black_box(sentinel::Settings::of_shape(SHAPE, 400));
    settings.alarm.promise = match Promise::per_day(black_box(1.0), black_box(1440.0)) {
        Ok(promise) => promise,
        Err(_) => return 0,
    };
    let basis = settings.alarm.promise.basis();
    let Ok(mut monitor) = Monitor::new(sentinel, settings) else {
        return 0;
    };
    let answer = monitor.observe(black_box([Some(1.0), None, Some(f32::NAN)]));
    let mut done = usize::from(answer.is_anomalous());
    done += monitor.save(buffer).unwrap_or(0);
    done += usize::from(monitor.restore(black_box(buffer)).is_ok());
    let state = monitor.detector();
    let (notice, complaints) = (Notice::of(&state.event(), basis), state.complaints());
    done += read_back(&mut notice_records(
        Tick(1),
        &answer,
        notice,
        state.finding(),
        complaints,
        [],
        Detail::Everything,
    ));
    done += state.shares().filter(|(_, share)| *share > 0.0).count();
    monitor.reset();
    sentinel.alarm().acknowledge();
    sentinel.alarm().silence(black_box(3));
    sentinel.alarm().accept();
    done
}

/// A summary, the records of a frame, and the check at start.
#[inline(never)]
pub fn observed() -> usize {
    let mut summary = Summary::new();
    summary.observe(&black_box(Assessment::judged(State::Anomalous, 4.0, 3.0)));
    summary.took(black_box(7));
    summary.lose(black_box(u32::MAX));
    let frame = black_box([Reading::Value(1.0); 20]);
    let mut sent = core::iter::once(summary.take()).chain(frame_records(Tick(1), &frame));
    read_back(&mut sent) + usize::from(bellwether::selfcheck().is_ok())
}

/// A sensor with a fault of any kind.
#[inline(never)]
pub fn faults() -> usize {
    let sensor = Checked::new(|| Ok::<f32, ()>(black_box(1.0)), -10.0..=10.0);
    let fault = Injection {
        kind: black_box(Kind::Stuck),
        first: black_box(Tick(1)),
        length: black_box(4),
        channels: black_box(ChannelSet::EMPTY),
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
    let Ok(rules) = repad2::Rules::new(black_box(repad2::Settings::DEFAULT)) else {
        return 0;
    };
    let answer = lane.observe(
        &rules,
        black_box(Tick(1)),
        &black_box([Reading::Value(1.0)]),
    );
    usize::from(answer.is_anomalous())
}

/// Correlation and vote by themselves.
pub fn vote_alone() -> usize {
    let window = black_box(Window::<f32, 8>::new());
    let related = |_, _| pearson(&window, &window, 8, 0, 2).is_some();
    let outcomes = majority::<V>(black_box([0]), related);
    outcomes
        .iter()
        .filter(|outcome| outcome.is_flagged())
        .count()
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
    let Ok(rules) = ModelRules::new(model) else {
        return done;
    };
    let inputs = black_box([1.0_f32; N]);
    let answer = detector.assess(&rules, &inputs);
    done += usize::from(answer.is_anomalous());
    let frame = black_box([Reading::Value(1.0); N]);
    let tick = black_box(Tick(1));
    done += usize::from(detector.observe(&rules, tick, &frame).is_anomalous());
    let top = detector.top::<3>(&rules, &inputs);
    let occluded = detector.occluded::<3, _>(&rules, &inputs);
    let causes = top.into_iter().chain(occluded).flatten();
    let reason = detector.reason().map_or(0, |reason| reason.code());
    done += read_back(&mut assessment_records(
        tick,
        &answer,
        reason,
        causes,
        black_box(Detail::Everything),
    ));
    let mut alarm = black_box(Alarm::new());
    let answer = alarm.observe(&rules, detector, answer);
    done += usize::from(answer.is_anomalous() || alarm.is_confirmed());
    done + restarts(&model, &mut alarm)
}

/// The state of an alarm, both ways.
fn restarts(model: &Model<'_>, alarm: &mut Alarm) -> usize {
    let mut done = 0;
    let mut buffer = black_box([0; EmaThreshold::SNAPSHOT_MAX + KOfN::SNAPSHOT_MAX]);
    if let Some(rules) = model.ema() {
        done += alarm.moving.save(&rules, &mut buffer).unwrap_or(0);
        done += usize::from(alarm.moving.restore(&rules, black_box(&buffer)).is_ok());
    }
    if let Some(rules) = model.k_of_n() {
        done += alarm.confirmation.save(&rules, &mut buffer).unwrap_or(0);
        let restored = alarm.confirmation.restore(&rules, black_box(&buffer));
        done += usize::from(restored.is_ok());
    }
    done += alarm.surprise.save(&mut buffer).unwrap_or(0);
    done + usize::from(alarm.surprise.restore(black_box(&buffer)).is_ok())
}

/// A window, frame by frame.
#[inline(never)]
pub fn windowed<const N: usize>(detector: &mut Windowed<V, 4, N>, blob: &[u8]) -> usize {
    let model = Model::parse(black_box(blob));
    let Some(rules) = model
        .ok()
        .and_then(|model| windowed::Rules::new(model).ok())
    else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = detector.observe(&rules, black_box(Tick(1)), &frame);
    let (top, occluded) = (detector.top::<2>(&rules), detector.occluded::<2>(&rules));
    let causes = top.into_iter().chain(occluded).flatten();
    usize::from(answer.is_anomalous()) + causes.map(|c| c.feature).sum::<usize>()
}
