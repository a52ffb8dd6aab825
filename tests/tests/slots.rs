//! Two slots for a model, in flash whose power fails at every operation.

use bellwether::{Model, ModelError};
use bellwether_conformance::flash::{Nor, Tear};
use bellwether_conformance::network::blob;
use bellwether_hal::slots::{Slot, SlotError, Slots, State};
use bellwether_sim::model::sign::sign;
use bellwether_sim::model::{NamedFeature, Stored};
use ed25519_dalek::SigningKey;
use embedded_storage::nor_flash::NorFlash;
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
