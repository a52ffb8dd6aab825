//! Two slots for a model, in flash whose power fails at every operation.

use bellwether::{Model, ModelError};
use bellwether_conformance::flash::{Nor, Tear};
use bellwether_conformance::network::blob;
use bellwether_hal::storage::slots::{Slot, SlotError, Slots, State};
use bellwether_sim::model::sign::sign;
use bellwether_sim::model::{NamedFeature, Stored};
use ed25519_dalek::SigningKey;
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use proptest::prelude::*;

/// Blocks before the region, and one behind it: they stay erased.
const BEFORE: usize = 1;

/// Models of different lengths, told apart by their checksums.
fn models() -> Vec<Vec<u8>> {
    let model = |k: usize| {
        let mut blob = blob();
        blob.thresholds[0].rows = k as u32;
        blob.features[0] = NamedFeature {
            name: "x".repeat(17 * k),
            unit: String::new(),
        };
        blob.to_bytes().expect("a model")
    };
    (0..6).map(model).collect()
}

/// What may be chosen at the next boot, to those who watched.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pending {
    Nothing,
    /// Perhaps written whole, and perhaps tried already.
    Perhaps(usize),
    /// Written whole, and not tried.
    Written(usize),
    /// Perhaps confirmed.
    Confirming(usize),
}

/// Power has failed.
#[derive(Debug)]
struct Dark;

/// A device, and what its slots owe it.
struct Device<'f, const WRITE: usize, const ERASE: usize> {
    flash: &'f Nor<WRITE, ERASE>,
    models: &'f [Vec<u8>],
    confirmed: Option<usize>,
    pending: Pending,
}

/// Flash for all models, with a block to spare on both sides.
fn flash<const WRITE: usize, const ERASE: usize>(models: &[Vec<u8>]) -> Nor<WRITE, ERASE> {
    let longest = models.iter().map(Vec::len).max().expect("models");
    let slot = 128_usize.div_ceil(ERASE) + longest.div_ceil(ERASE);
    Nor::new(BEFORE + 2 * slot + 1)
}

/// The region's bytes as the processor sees them.
fn mapped<const WRITE: usize, const ERASE: usize>(flash: &Nor<WRITE, ERASE>) -> Stored {
    let bytes = flash.bytes();
    Stored::new(&bytes[BEFORE * ERASE..bytes.len() - ERASE])
}

const fn start(erase: usize) -> u32 {
    (BEFORE * erase) as u32
}

impl<'f, const WRITE: usize, const ERASE: usize> Device<'f, WRITE, ERASE> {
    fn new(flash: &'f Nor<WRITE, ERASE>, models: &'f [Vec<u8>]) -> Self {
        Self {
            flash,
            models,
            confirmed: None,
            pending: Pending::Nothing,
        }
    }

    /// Starts, and looks whether the model that was chosen is one that may be.
    fn boot(&mut self) -> Result<(Slots<&'f Nor<WRITE, ERASE>>, Option<usize>), Dark> {
        let mapped = mapped(self.flash);
        let from = mapped.bytes().as_ptr().addr() - BEFORE * ERASE;
        let flash = self.flash;
        let accept = |bytes| {
            let bytes: &[u8] = bytes;
            let at = bytes.as_ptr().addr() - from;
            // With error correction, it would stop the processor.
            let torn = flash.is_unreadable(at..at + bytes.len());
            assert!(!torn, "a torn word is looked at where it is mapped");
            Model::parse(bytes)
        };
        let booted = Slots::boot(flash, start(ERASE), mapped.bytes(), accept);
        let (slots, model) = booted.expect("a region");
        if flash.is_dark() {
            if let Pending::Written(k) = self.pending {
                self.pending = Pending::Perhaps(k);
            }
            return Err(Dark);
        }
        assert_eq!(slots.running().is_some(), model.is_some());
        let chosen = model.map(|model| {
            let known = self.models.iter().position(|known| known == model.bytes());
            known.expect("a model that was written")
        });
        match self.pending {
            Pending::Written(k) => assert_eq!(chosen, Some(k), "it is tried"),
            Pending::Perhaps(k) if chosen == Some(k) => {}
            Pending::Confirming(k) if chosen == Some(k) => self.confirmed = chosen,
            _ => assert_eq!(chosen, self.confirmed, "the confirmed one is back"),
        }
        self.pending = Pending::Nothing;
        Ok((slots, chosen))
    }

    /// Dark, or done.
    fn lit<T>(&self, answer: Result<T, impl std::fmt::Debug>) -> Result<T, Dark> {
        if self.flash.is_dark() {
            return Err(Dark);
        }
        Ok(answer.expect("done"))
    }

    /// Starts, and writes a model in pieces.
    fn install(&mut self, index: usize) -> Result<(), Dark> {
        let (mut slots, _) = self.boot()?;
        let model = &self.models[index];
        let mut incoming = self.lit(slots.begin(model.len()))?;
        for piece in model.chunks(23) {
            let answer = incoming.write(piece);
            self.lit(answer)?;
        }
        let mapped = mapped(self.flash);
        self.pending = Pending::Perhaps(index);
        let answer = incoming.finish(mapped.bytes(), Model::parse);
        self.lit(answer)?;
        self.pending = Pending::Written(index);
        Ok(())
    }

    /// Starts, and confirms what runs.
    fn confirm(&mut self) -> Result<(), Dark> {
        let (mut slots, chosen) = self.boot()?;
        let index = chosen.expect("a model runs");
        if self.confirmed != chosen {
            self.pending = Pending::Confirming(index);
        }
        let answer = slots.confirm();
        self.lit(answer)?;
        (self.confirmed, self.pending) = (chosen, Pending::Nothing);
        Ok(())
    }

    /// Starts, and rejects what runs.
    fn reject(&mut self) -> Result<(), Dark> {
        let (mut slots, _) = self.boot()?;
        let answer = slots.reject();
        self.lit(answer)
    }

    fn idle(&mut self) -> Result<(), Dark> {
        self.boot().map(|_| ())
    }

    /// Everything that happens to a device: first models, updates, failed and rejected ones, the
    /// same again.
    fn life(&mut self) -> Result<(), Dark> {
        self.idle()?;
        self.install(0)?; // never healthy
        self.idle()?;
        self.idle()?;
        self.install(0)?;
        self.confirm()?;
        self.install(1)?;
        self.confirm()?;
        self.install(2)?; // fails its trial
        self.idle()?;
        self.idle()?;
        self.install(3)?;
        self.reject()?;
        self.install(3)?; // the same bytes again
        self.confirm()?;
        self.install(4)?;
        self.confirm()?;
        self.idle()
    }

    /// A new model, whatever happened.
    fn update(&mut self) -> Result<(), Dark> {
        self.idle()?;
        self.idle()?;
        self.install(5)?;
        self.confirm()?;
        self.idle()
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

/// Broken by any order of operations in which a moment lacks a confirmed model, and by words
/// that are written twice.
fn power_fails_everywhere<const WRITE: usize, const ERASE: usize>() {
    let models = models();
    let whole = flash::<WRITE, ERASE>(&models);
    Device::new(&whole, &models).life().expect("power");
    for n in 0..whole.operations() {
        for tear in tears(n) {
            let flash = flash::<WRITE, ERASE>(&models);
            flash.power(Some((n, tear)));
            let mut device = Device::new(&flash, &models);
            device.life().expect_err("power fails");
            flash.power(None);
            device.update().expect("power");
            assert_eq!(device.confirmed, Some(5), "{n} {tear:?}");
            let bytes = flash.bytes();
            let outside = bytes[..ERASE].iter().chain(&bytes[bytes.len() - ERASE..]);
            assert!(outside.copied().all(|byte| byte == 0xff), "{n} {tear:?}");
        }
    }
}

#[test]
fn power_fails_at_every_operation_with_bytes_as_words() {
    power_fails_everywhere::<1, 128>();
}

#[test]
fn power_fails_at_every_operation_with_small_words() {
    power_fails_everywhere::<4, 4096>();
}

#[test]
fn power_fails_at_every_operation_with_double_words() {
    power_fails_everywhere::<8, 2048>();
}

#[test]
fn power_fails_at_every_operation_with_large_words() {
    power_fails_everywhere::<32, 256>();
}

/// Broken by a way back that leaves a state the first failure did not have.
#[test]
fn power_fails_twice() {
    let models = models();
    let whole = flash::<32, 256>(&models);
    Device::new(&whole, &models).life().expect("power");
    for n in 0..whole.operations() {
        for tear in tears(n) {
            let broken = flash::<32, 256>(&models);
            broken.power(Some((n, tear)));
            let mut before = Device::new(&broken, &models);
            before.life().expect_err("power fails");
            for m in 0.. {
                let flash = broken.clone();
                flash.power(Some((m, tears(n ^ m)[m % 5])));
                let mut device = Device {
                    flash: &flash,
                    ..before
                };
                if device.update().is_ok() {
                    break;
                }
                flash.power(None);
                device.update().expect("power");
                assert_eq!(device.confirmed, Some(5), "{n} {tear:?}, {m}");
            }
        }
    }
}

/// Broken by a record that speaks for its bytes while they change. It is the newer one, so that
/// the next boot would look at it first.
#[test]
fn power_fails_while_a_damaged_newer_model_is_replaced() {
    let models = models();
    let damaged = flash::<8, 128>(&models);
    let mut before = Device::new(&damaged, &models);
    for k in [0, 1] {
        before.install(k).expect("power");
        before.confirm().expect("power");
    }
    let half = (damaged.bytes().len() - 2 * 128) / 2;
    damaged.damage(BEFORE * 128 + half + 128 + 50, 0x10);
    before.confirmed = Some(0);
    let mut failures = 0;
    for n in 0.. {
        let mut lasted = false;
        for tear in tears(n) {
            let flash = damaged.clone();
            flash.power(Some((n, tear)));
            let mut device = Device {
                flash: &flash,
                ..before
            };
            lasted = device.install(2).is_ok();
            flash.power(None);
            device.update().expect("power");
            assert_eq!(device.confirmed, Some(5), "{n} {tear:?}");
        }
        if lasted {
            break;
        }
        failures += 1;
    }
    assert!(failures > models[2].len() / 8, "every word and every block");
}

type Small = Nor<8, 128>;

/// Slots of 1024 bytes, from the flash's beginning.
fn small() -> Small {
    Small::new(16)
}

fn seen(flash: &Small) -> Stored {
    Stored::new(&flash.bytes())
}

/// Boots with `Model::parse`: the driver, and the checksum of the model that runs.
fn boot(flash: &Small) -> (Slots<&Small>, Option<u32>) {
    let mapped = seen(flash);
    let (slots, model) = Slots::boot(flash, 0, mapped.bytes(), Model::parse).expect("a region");
    let chosen = model.map(|model| model.checksum());
    (slots, chosen)
}

type Answer<T> = Result<T, SlotError<NorFlashErrorKind>>;

fn install(flash: &Small, slots: &mut Slots<&Small>, model: &[u8]) -> Answer<Slot> {
    let mut incoming = slots.begin(model.len())?;
    incoming.write(model)?;
    incoming.finish(seen(flash).bytes(), Model::parse)
}

/// A device that runs the first model, confirmed, in slot A.
fn settled(model: &[u8]) -> Small {
    let flash = small();
    assert_eq!(install(&flash, &mut boot(&flash).0, model), Ok(Slot::A));
    boot(&flash).0.confirm().expect("confirmed");
    flash
}

#[test]
fn states_follow_each_other() {
    let (models, flash) = (models(), small());
    let (mut slots, model) = boot(&flash);
    assert_eq!((model, slots.running()), (None, None));
    let states = |slots: &mut Slots<_>| (slots.state(Slot::A), slots.state(Slot::B));
    assert_eq!(states(&mut slots), (State::Empty, State::Empty));
    assert_eq!(slots.confirm(), Err(SlotError::NoModel));
    assert_eq!(slots.reject(), Err(SlotError::NoModel));
    assert_eq!(install(&flash, &mut slots, &models[0]), Ok(Slot::A));
    assert_eq!(states(&mut slots), (State::Written, State::Empty));
    let (mut slots, _) = boot(&flash);
    assert_eq!(slots.running(), Some(Slot::A));
    assert_eq!(states(&mut slots), (State::OnTrial, State::Empty));
    let refused = slots.begin(100).map(|_| ());
    assert_eq!(refused, Err(SlotError::Unconfirmed));
    assert_eq!((slots.confirm(), slots.confirm()), (Ok(()), Ok(())));
    assert_eq!(slots.reject(), Err(SlotError::Decided));
    assert_eq!(install(&flash, &mut slots, &models[1]), Ok(Slot::B));
    assert_eq!(states(&mut slots), (State::Confirmed, State::Written));
    let (mut slots, _) = boot(&flash);
    assert_eq!(slots.running(), Some(Slot::B));
    assert_eq!((slots.reject(), slots.reject()), (Ok(()), Ok(())));
    assert_eq!(slots.confirm(), Err(SlotError::Decided));
    let refused = slots.begin(100).map(|_| ());
    assert_eq!(refused, Err(SlotError::Unconfirmed));
    let (mut slots, _) = boot(&flash);
    assert_eq!(slots.running(), Some(Slot::A));
    assert_eq!(states(&mut slots), (State::Confirmed, State::Rejected));
    assert_eq!(slots.record(Slot::B).map(|record| record.sequence), Some(1));
    assert_eq!(install(&flash, &mut slots, &models[2]), Ok(Slot::B));
    assert_eq!(slots.record(Slot::B).map(|record| record.sequence), Some(2));
}

/// Broken by a slot that is written although its model runs.
#[test]
fn what_runs_stays_as_it_is_while_another_is_written() {
    let models = models();
    let flash = settled(&models[0]);
    let before = flash.bytes();
    install(&flash, &mut boot(&flash).0, &models[1]).expect("written");
    let after = flash.bytes();
    assert_eq!(before[..1024], after[..1024]);
    assert_ne!(before[1024..], after[1024..]);
}

/// Broken by a record that is believed whatever lies behind it.
#[test]
fn a_damaged_model_gives_way_to_the_one_before() {
    let models = models();
    let flash = settled(&models[0]);
    install(&flash, &mut boot(&flash).0, &models[1]).expect("written");
    boot(&flash).0.confirm().expect("confirmed");
    assert_eq!(boot(&flash).0.running(), Some(Slot::B));
    for at in (128..128 + models[1].len()).step_by(7) {
        flash.damage(1024 + at, 0x10);
        assert_eq!(boot(&flash).0.running(), Some(Slot::A), "byte {at}");
        flash.damage(1024 + at, 0x10);
    }
    for at in 0..32 {
        flash.damage(1024 + at, 0x01);
        assert_eq!(boot(&flash).0.running(), Some(Slot::A), "record, byte {at}");
        flash.damage(1024 + at, 0x01);
    }
    assert_eq!(boot(&flash).0.running(), Some(Slot::B));
}

/// Broken by doubt that is decided for the newer model: half a confirmation is none, half a
/// rejection is one, half a trial was one.
#[test]
fn torn_marks_count_for_the_model_before() {
    let flash = settled(&models()[0]);
    for (cell, state) in [
        (0, State::Empty),
        (1, State::Confirmed),
        (2, State::OnTrial),
        (3, State::Rejected),
    ] {
        for at in 32 * cell..32 * (cell + 1) {
            flash.damage(at, 0x01);
            assert_eq!(boot(&flash).0.state(Slot::A), state, "byte {at}");
            flash.damage(at, 0x01);
        }
    }
    let flash = small();
    install(&flash, &mut boot(&flash).0, &models()[0]).expect("written");
    flash.damage(32, 0x01);
    assert_eq!(boot(&flash).0.state(Slot::A), State::OnTrial);
}

/// Broken by a way to a model that does not lead through the caller's question.
#[test]
fn with_a_key_only_signed_models_are_chosen() {
    let models = models();
    let secret = |seed| SigningKey::from_bytes(&[seed; 32]);
    let signed = |model, seed| sign(model, &secret(seed)).expect("a model");
    let key = secret(1).verifying_key().to_bytes();
    let flash = settled(&signed(&models[0], 1));
    let boot_signed = || {
        let mapped = seen(&flash);
        let accept = |bytes| Model::parse_signed(bytes, &key);
        let booted = Slots::boot(&flash, 0, mapped.bytes(), accept);
        booted.expect("a region").0
    };
    assert_eq!(boot_signed().running(), Some(Slot::A));
    for (model, reason) in [
        (models[1].clone(), ModelError::Unsigned),
        (signed(&models[1], 2), ModelError::Signature),
    ] {
        // Refused where the key is asked for, and not chosen where it was let in without.
        let mut slots = boot_signed();
        let mut incoming = slots.begin(model.len()).expect("room");
        incoming.write(&model).expect("written");
        let mapped = seen(&flash);
        let refused = incoming.finish(mapped.bytes(), |bytes| Model::parse_signed(bytes, &key));
        assert_eq!(refused, Err(SlotError::Model(reason)));
        install(&flash, &mut slots, &model).expect("written");
        assert_eq!(boot_signed().running(), Some(Slot::A));
    }
    install(&flash, &mut boot_signed(), &signed(&models[1], 1)).expect("written");
    assert_eq!(boot_signed().running(), Some(Slot::B));
}

#[test]
fn lengths_that_differ_and_bytes_that_are_no_model_are_refused() {
    let models = models();
    let flash = settled(&models[0]);
    let (mut slots, _) = boot(&flash);
    assert_eq!(slots.capacity(), 1024 - 128);
    let refused = slots.begin(1024 - 127).map(|_| ());
    let (needed, found) = (1024 - 127, 1024 - 128);
    assert_eq!(refused, Err(SlotError::Capacity { needed, found }));
    let mut incoming = slots.begin(40).expect("room");
    assert_eq!(incoming.slot(), Slot::B);
    incoming.write(&[0; 39]).expect("room");
    let (expected, found) = (40, 41);
    let refused = incoming.write(&[0; 2]);
    assert_eq!(refused, Err(SlotError::Length { expected, found }));
    let found = 39;
    let refused = incoming.finish(seen(&flash).bytes(), Model::parse);
    assert_eq!(refused, Err(SlotError::Length { expected, found }));
    assert_eq!(
        install(&flash, &mut slots, &[0; 100]),
        Err(SlotError::Model(ModelError::Magic))
    );
    // A cache that shows another model of the same length.
    let mut other = blob();
    other.thresholds[0].rows = 77;
    let other = other.to_bytes().expect("a model");
    assert_eq!(other.len(), models[0].len());
    install(&flash, &mut slots, &models[0]).expect("written");
    let old = seen(&flash);
    let mut incoming = slots.begin(other.len()).expect("room");
    incoming.write(&other).expect("written");
    let refused = incoming.finish(old.bytes(), Model::parse);
    assert_eq!(refused, Err(SlotError::Stale));
    let mut incoming = slots.begin(other.len()).expect("room");
    incoming.write(&other).expect("written");
    let refused = incoming.finish(&seen(&flash).bytes()[..1024], Model::parse);
    assert_eq!(refused, Err(SlotError::Region));
    assert_eq!(boot(&flash).0.running(), Some(Slot::A));
}

/// Broken by a model that is tried although the trial could not be noted: it would be tried for
/// ever.
#[test]
fn where_a_trial_cannot_be_marked_the_model_before_runs() {
    let models = models();
    let flash = settled(&models[0]);
    install(&flash, &mut boot(&flash).0, &models[1]).expect("written");
    let stuck = Stuck(flash.clone());
    let mapped = seen(&flash);
    let (slots, _) = Slots::boot(&stuck, 0, mapped.bytes(), Model::parse).expect("a region");
    assert_eq!(slots.running(), Some(Slot::A));
}

/// Flash that can be read and not written.
struct Stuck(Small);

impl ErrorType for &Stuck {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for &Stuck {
    const READ_SIZE: usize = 8;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        (&self.0).read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        (&self.0).capacity()
    }
}

impl NorFlash for &Stuck {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 128;

    fn erase(&mut self, _: u32, _: u32) -> Result<(), NorFlashErrorKind> {
        Err(NorFlashErrorKind::Other)
    }

    fn write(&mut self, _: u32, _: &[u8]) -> Result<(), NorFlashErrorKind> {
        Err(NorFlashErrorKind::Other)
    }
}

#[test]
fn a_region_is_two_slots_of_whole_blocks_within_the_flash() {
    let flash = small();
    let mapped = seen(&flash);
    let booted = |start, length| {
        Slots::boot(&flash, start, &mapped.bytes()[..length], Model::parse).map(|_| ())
    };
    for (start, length) in [(0, 2048), (128, 1792), (0, 512), (1536, 512)] {
        assert_eq!(booted(start, length), Ok(()), "{start}, {length}");
    }
    for (start, length) in [
        (0, 0),
        (0, 256),
        (0, 640),
        (0, 2047),
        (64, 1024),
        (128, 2048),
        (u32::MAX - 127, 512),
    ] {
        let refused = Err(SlotError::Region);
        assert_eq!(booted(start, length), refused, "{start}, {length}");
    }
}

proptest! {
    /// Whatever lies in the flash, nothing panics, and what is chosen is a model.
    #[test]
    fn any_bytes_are_survived(
        record in any::<[u8; 20]>(),
        cells in prop::collection::vec((0..128_usize, any::<u8>()), 0..12),
        rest in prop::collection::vec((128..2048_usize, any::<u8>()), 0..4),
    ) {
        let models = models();
        let flash = settled(&models[0]);
        for (at, bits) in cells.into_iter().chain(rest) {
            flash.damage(at, bits);
        }
        for (at, bits) in record.into_iter().enumerate() {
            flash.damage(1024 + at, bits);
        }
        let (mut slots, model) = boot(&flash);
        let known = models.iter().map(|model| {
            u32::from_le_bytes(*model.last_chunk().expect("a checksum"))
        });
        prop_assert!(model.is_none_or(|found| known.into_iter().any(|sum| sum == found)));
        let _ = (slots.confirm(), slots.begin(100).map(|_| ()));
    }

    /// Pieces of any size give the same bytes.
    #[test]
    fn pieces_do_not_matter(cuts in prop::collection::vec(0..90_usize, 0..40)) {
        let model = &models()[3];
        let whole = settled(model).bytes();
        let flash = small();
        let (mut slots, _) = boot(&flash);
        let mut incoming = slots.begin(model.len()).expect("room");
        let mut rest = &model[..];
        for cut in cuts {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            incoming.write(piece).expect("room");
            rest = behind;
        }
        incoming.write(rest).expect("room");
        incoming.finish(seen(&flash).bytes(), Model::parse).expect("a model");
        prop_assert_eq!(&flash.bytes()[128..1024], &whole[128..1024]);
    }
}
