//! Front ends: counted, and linked to look for panics.

use crate::counting::counted;
use crate::stack;
use bellwether::Reading;
use bellwether::signal::{Burst, Rules, Statistic};
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
