//! Front ends: counted, and linked to look for panics.

use crate::counting::counted;
use crate::stack;
use bellwether::Reading;
use bellwether::signal::{Burst, LogMel, Rules, Statistic, log_mel};
use core::hint::black_box;
use semihosting::println;

/// Bursts of a measurement.
const BURSTS: usize = 3;

#[inline(never)]
fn push<const N: usize>(
    burst: &mut Burst<N>,
    sample: f32,
) -> Option<[[Reading; Statistic::COUNT]; 1]> {
    burst.push(&Rules::WHOLE, [sample])
}

/// A burst in a frame of its own, since what lies close below its caller's is painted.
#[inline(never)]
fn whole<const N: usize>(burst: &mut Burst<N>) {
    for n in 0..N {
        black_box(push(burst, (n % 7) as f32));
    }
}

/// Samples of noise: those between bursts, and those that complete one with all of its features.
pub fn bursts<const N: usize>(burst: &mut Burst<N>) {
    println!("front_end name=burst_{N} bytes={}", size_of::<Burst<N>>());
    let mut state = 1_u32;
    let mut sample = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 1024.0
    };
    for _ in 0..BURSTS {
        black_box(counted(|| push(burst, black_box(sample()))));
        println!("counted front_end name=burst_{N} part=sample");
        for _ in 2..N {
            black_box(push(burst, sample()));
        }
        black_box(counted(|| push(burst, black_box(sample()))));
        println!("counted front_end name=burst_{N} part=features");
    }
    burst.restart();
    let depth = stack::used_by(|| whole(burst));
    println!("front_end name=burst_{N} of=stack bytes={depth}");
}

/// A sample of sound; 1 if it completes frames.
#[inline(never)]
fn hear<const F: usize>(sound: &mut LogMel<F>, sample: f32) -> usize {
    usize::from(black_box(sound.push(sample)).is_some_and(|frames| frames.is_ok()))
}

/// A frame in a frame of its own, as [`whole`].
#[inline(never)]
fn hop<const F: usize>(sound: &mut LogMel<F>) {
    for n in 0..log_mel::HOP {
        black_box(hear(sound, (n % 7) as f32));
    }
}

/// Samples of noise: those between frames, and those that complete one.
pub fn sound<const F: usize>(sound: &mut LogMel<F>) {
    println!(
        "front_end name=log_mel_{F} bytes={}",
        size_of::<LogMel<F>>()
    );
    let mut state = 1_u32;
    let mut sample = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 16_777_216.0
    };
    for _ in 0..F {
        hop(sound);
    }
    for _ in 0..BURSTS {
        black_box(counted(|| hear(sound, black_box(sample()))));
        println!("counted front_end name=log_mel_{F} part=sample");
        for _ in 2..log_mel::HOP {
            black_box(hear(sound, sample()));
        }
        black_box(counted(|| hear(sound, black_box(sample()))));
        println!("counted front_end name=log_mel_{F} part=features");
    }
    sound.restart();
    let depth = stack::used_by(|| hop(sound));
    println!("front_end name=log_mel_{F} of=stack bytes={depth}");
}

/// Sounds with a gap.
#[inline(never)]
pub fn everything_heard(sound: &mut LogMel<1>) -> usize {
    let samples = black_box([Reading::from(0.5), Reading::from(None), f32::NAN.into()]);
    let done = samples
        .into_iter()
        .filter_map(|sample| sound.push(sample).map(|frames| frames.is_ok()))
        .count();
    sound.restart();
    done
}

/// Bursts of two signals with gaps, and one in memory.
#[inline(never)]
pub fn everything(burst: &mut Burst<64, 2>, samples: &mut [[f32; 64]; 2]) -> usize {
    let Ok(rules) = Rules::new(black_box(16)) else {
        return 0;
    };
    let mut done = 0;
    for x in black_box([1.0, f32::NAN, 3.0]) {
        let answer = burst.push(&rules, [Reading::from(x), Reading::from(None)]);
        done +=
            usize::from(answer.is_some_and(|[first, _]| first.iter().any(|x| x.usable().is_ok())));
    }
    burst.restart();
    let [samples, work] = samples;
    let features = bellwether::signal::of_burst(black_box(&*samples), work);
    done + features.iter().filter(|x| x.usable().is_ok()).count()
}
