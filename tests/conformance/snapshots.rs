//! Snapshots of a detector in flash whose power fails at every operation, and in flash that fails itself.

use bellwether::sigma::{Rules, Settings, Sigma};
use bellwether::{Detector, Reading, Snapshot, SnapshotError, Tick};
use bellwether_conformance::flash::{Nor, Tear};
use bellwether_hal::storage::snapshots::{Restored, Snapshots, StoreError};
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use proptest::prelude::*;
use std::cell::Cell;

type Watched = Sigma<3>;

/// Blocks before the region, and one behind it: they stay erased.
const BEFORE: usize = 1;
/// Frames between two saves.
const EVERY: u64 = 3;

/// Power has failed.
#[derive(Debug)]
struct Dark;

fn rules() -> Rules<3> {
    Rules::try_from(Settings::DEFAULT).expect("defaults")
}

fn frame(tick: u64) -> [Reading; 3] {
    let x = tick as f32;
    // No sine: a compiler that computes one itself may round it otherwise than the machine does.
    [x, x * 0.7 % 3.0, 1.0 / (1.0 + x)].map(Reading::Value)
}

fn bits(detector: &Watched) -> Vec<u8> {
    let mut bytes = vec![0; Watched::SNAPSHOT_MAX];
    let length = detector.save(&rules(), &mut bytes).expect("room");
    bytes.truncate(length);
    bytes
}

/// The state after each number of saves.
fn states(saves: usize) -> Vec<Vec<u8>> {
    let mut detector = Watched::new();
    let states = (0..=saves as u64).map(|k| {
        if k > 0 {
            watch(&mut detector, k - 1);
        }
        bits(&detector)
    });
    states.collect()
}

/// The frames between two saves.
fn watch(detector: &mut Watched, after: u64) {
    for tick in after * EVERY..(after + 1) * EVERY {
        detector.observe(&rules(), Tick(tick), &frame(tick));
    }
}

/// Flash with blocks to spare on both sides.
fn flash<const WRITE: usize, const ERASE: usize>(blocks: usize) -> Nor<WRITE, ERASE> {
    Nor::new(BEFORE + 2 * blocks + 1)
}

fn open<F: NorFlash>(flash: F, blocks: usize) -> Result<Snapshots<F>, StoreError<F::Error>> {
    let (start, length) = (BEFORE * F::ERASE_SIZE, 2 * blocks * F::ERASE_SIZE);
    Snapshots::open(flash, start as u32, length, Watched::SNAPSHOT_MAX)
}

/// A device that starts, restores, and saves as often as is asked for. `saved` is the number of saves that are
/// surely there, `begun` of those that may be.
struct Device<'f, const WRITE: usize, const ERASE: usize> {
    flash: &'f Nor<WRITE, ERASE>,
    blocks: usize,
    states: &'f [Vec<u8>],
    saved: usize,
    begun: usize,
}

impl<'f, const WRITE: usize, const ERASE: usize> Device<'f, WRITE, ERASE> {
    const fn new(flash: &'f Nor<WRITE, ERASE>, blocks: usize, states: &'f [Vec<u8>]) -> Self {
        Self {
            flash,
            blocks,
            states,
            saved: 0,
            begun: 0,
        }
    }

    fn run(&mut self, saves: usize) -> Result<(), Dark> {
        let lit = |flash: &Nor<WRITE, ERASE>| if flash.is_dark() { Err(Dark) } else { Ok(()) };
        let mut detector = Watched::new();
        let opened = open(self.flash, self.blocks);
        lit(self.flash)?;
        let mut snapshots = opened.expect("a region");
        let restored = snapshots.restore(&mut detector, &rules());
        lit(self.flash)?;
        let restored = restored.expect("nothing is refused");
        let found = self
            .states
            .iter()
            .position(|state| *state == bits(&detector));
        let found = found.expect("a state that was saved, with every bit");
        assert!(
            found == self.saved || found == self.begun,
            "{found}: neither the old nor the new"
        );
        assert_eq!(restored.is_some(), found > 0);
        (self.saved, self.begun) = (found, found);
        for k in found..saves {
            watch(&mut detector, k as u64);
            self.begun = k + 1;
            let saved = snapshots.save(&detector, &rules());
            lit(self.flash)?;
            saved.expect("saved");
            self.saved = self.begun;
        }
        Ok(())
    }
}

/// Three ways to fail, the torn ones with some bits done and others not.
fn tears(n: usize) -> [Tear; 5] {
    let seed = |k: u64| (n as u64) << 8 | k;
    [
        Tear::Before,
        Tear::Within(seed(0)),
        Tear::Within(seed(1)),
        Tear::Unreadable(seed(2)),
        Tear::Unreadable(seed(3)),
    ]
}

/// Broken by a moment in which no state is whole, by a state of other bits, by words that are written twice, and by
/// writes outside of the region. Every place of both halves is written and replaced.
fn power_fails_everywhere<const WRITE: usize, const ERASE: usize>(blocks: usize) {
    let whole = flash::<WRITE, ERASE>(blocks);
    let places = open(&whole, blocks).expect("a region").saves_per_erasure() as usize;
    let saves = 2 * places + 1;
    let states = states(saves + 3);

    Device::new(&whole, blocks, &states)
        .run(saves)
        .expect("power");
    for n in 0..whole.operations() {
        for tear in tears(n) {
            let flash = flash::<WRITE, ERASE>(blocks);
            flash.power(Some((n, tear)));
            let mut device = Device::new(&flash, blocks, &states);
            device.run(saves).expect_err("power fails");
            flash.power(None);
            device.run(saves + 3).expect("power");
            device.run(saves + 3).expect("power");
            assert_eq!(device.saved, saves + 3, "{n} {tear:?}");
            let bytes = flash.bytes();
            let outside = bytes[..ERASE].iter().chain(&bytes[bytes.len() - ERASE..]);
            assert!(outside.copied().all(|byte| byte == 0xff), "{n} {tear:?}");
        }
    }
}

#[test]
fn power_fails_at_every_operation_with_bytes_as_words() {
    power_fails_everywhere::<1, 512>(1);
}

#[test]
fn power_fails_at_every_operation_with_small_words() {
    power_fails_everywhere::<4, 1024>(1);
}

#[test]
fn power_fails_at_every_operation_with_double_words() {
    power_fails_everywhere::<8, 256>(3);
}

#[test]
fn power_fails_at_every_operation_with_large_words_and_one_place_a_half() {
    power_fails_everywhere::<32, 64>(Watched::SNAPSHOT_MAX.div_ceil(64) + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Broken by a row of failures after which no state is whole, or from which the device does not get out.
    #[test]
    fn power_fails_again_and_again(cuts in prop::collection::vec((0..400_usize, 0..5_usize), 1..30)) {
        const BLOCKS: usize = 1;
        let states = states(400);
        let flash = flash::<8, 512>(BLOCKS);
        let mut device = Device::new(&flash, BLOCKS, &states);
        for (n, (cut, way)) in cuts.into_iter().enumerate() {
            let goal = (device.begun + 12).min(400);
            flash.power(Some((cut, tears(n * 400 + cut)[way])));
            let _ = device.run(goal);
        }
        flash.power(None);
        let goal = (device.begun + 20).min(400);
        device.run(goal).expect("power");
        device.run(goal).expect("power");
        prop_assert_eq!(device.saved, goal);
    }
}

/// Flash in which a call fails, or all from one on, without a change of the flash.
struct Flaky<'f> {
    inner: &'f Nor<8, 512>,
    calls: &'f Cell<usize>,
    /// The call that fails, and whether all later ones do.
    fails: Option<(usize, bool)>,
    /// Whether reads are among them.
    reads: bool,
}

impl Flaky<'_> {
    fn call(&self, is_read: bool) -> Result<(), NorFlashErrorKind> {
        if is_read && !self.reads {
            return Ok(());
        }
        let call = self.calls.replace(self.calls.get() + 1);
        match self.fails {
            Some((at, lasts)) if call == at || lasts && call > at => Err(NorFlashErrorKind::Other),
            _ => Ok(()),
        }
    }
}

impl ErrorType for Flaky<'_> {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flaky<'_> {
    const READ_SIZE: usize = 8;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        self.call(true)?;
        self.inner.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        (&self.inner).capacity()
    }
}

impl NorFlash for Flaky<'_> {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 512;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        self.call(false)?;
        self.inner.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        self.call(false)?;
        self.inner.write(offset, bytes)
    }
}

/// Broken by an operation that fails without an error, or whose error costs the state before.
#[test]
fn an_operation_that_fails_is_an_error_and_nothing_is_lost() {
    let states = states(12);
    for reads in [false, true] {
        for lasts in [false, true] {
            for at in 0.. {
                let (inner, calls) = (flash::<8, 512>(1), Cell::new(0));
                let mut before = Device::new(&inner, 1, &states);
                before.run(5).expect("power");
                let mut detector = Watched::new();
                for k in 0..6 {
                    watch(&mut detector, k);
                }
                let flaky = Flaky {
                    inner: &inner,
                    calls: &calls,
                    fails: Some((at, lasts)),
                    reads,
                };
                let opened = open(flaky, 1);
                let saved = match opened {
                    Ok(mut snapshots) => snapshots.save(&detector, &rules()),
                    Err(error) => Err(error),
                };
                (before.saved, before.begun) = if saved.is_ok() { (6, 6) } else { (5, 6) };
                before.run(12).expect("power");
                if calls.get() <= at {
                    assert!(saved.is_ok());
                    break;
                }
                // A read is tried twice.
                assert!(saved.is_err() || reads && !lasts, "{at}");
            }
        }
    }
}

/// Broken by a damaged snapshot that is restored, or that hides the one before it.
#[test]
fn a_damaged_snapshot_is_rolled_back() {
    let (flash, states) = (flash::<8, 1024>(1), states(3));
    let mut device = Device::new(&flash, 1, &states);
    device.run(2).expect("power");
    let bytes = flash.bytes();
    let newest = bytes
        .windows(states[2].len())
        .position(|bytes| bytes == states[2]);
    flash.damage(newest.expect("it is in the flash") + 40, 0x10);
    (device.saved, device.begun) = (1, 1);
    device.run(3).expect("power");
    assert_eq!(device.saved, 3);
}

/// Broken by a snapshot of another detector that costs one of this, or that is taken.
#[test]
fn snapshots_of_another_detector_are_refused_and_counted() {
    let flash = flash::<8, 1024>(1);
    let (mut detector, mut other) = (Watched::new(), Sigma::<2>::new());
    let other_rules = Rules::<2>::try_from(Settings::DEFAULT).expect("defaults");
    let mut snapshots = open(&flash, 1).expect("a region");
    assert_eq!(snapshots.restore(&mut detector, &rules()), Ok(None));
    watch(&mut detector, 0);
    snapshots.save(&detector, &rules()).expect("saved");
    snapshots.save(&other, &other_rules).expect("saved");
    let mut restored = Watched::new();
    let answer = snapshots.restore(&mut restored, &rules());
    assert_eq!(
        answer,
        Ok(Some(Restored {
            tick: Tick(EVERY),
            refused: 1
        }))
    );
    assert_eq!(bits(&restored), bits(&detector));
    snapshots
        .restore(&mut other, &other_rules)
        .expect("its own");

    let mut snapshots = open(&flash, 1).expect("a region");
    snapshots.save(&other, &other_rules).expect("saved");
    let mut third = Sigma::<1>::new();
    let refused = snapshots.restore(
        &mut third,
        &Rules::<1>::try_from(Settings::DEFAULT).expect("defaults"),
    );
    assert!(
        matches!(
            refused,
            Err(StoreError::Refused(SnapshotError::Shape { .. }))
        ),
        "{refused:?}"
    );
}

/// The region of a 4 KB block a half, by hand: a place is 32 bytes and as many pages of 64 as the snapshot takes.
#[test]
fn wear_is_what_the_places_make_it() {
    let flash = flash::<8, 4096>(1);
    let open = |length| Snapshots::open(&flash, 4096, 2 * 4096, length);
    let snapshots = open(300).expect("a region");
    // 4096 / (32 + 320) = 11 places a half; 720 saves a month.
    assert_eq!(snapshots.saves_per_erasure(), 22);
    assert_eq!(
        [60, 1, 0].map(|minutes| snapshots.erasures_per_month(minutes)),
        [33, 1964, 1964]
    );
    let large = open(4000).expect("a region");
    assert_eq!(
        (large.saves_per_erasure(), large.erasures_per_month(60)),
        (2, 360)
    );
    assert!(matches!(open(4096), Err(StoreError::Region)));
    assert!(matches!(
        Snapshots::open(&flash, 100, 8192, 300),
        Err(StoreError::Region)
    ));
    assert!(matches!(
        Snapshots::open(&flash, 4096, 4096, 300),
        Err(StoreError::Region)
    ));
}
