//! Rows of control charts: counted, and linked to look for panics.

use crate::counting::counted;
use crate::workload::{VARIABLES, Workload};
use bellwether::chart::{Chart, Charted, Charts, Rules, Settings};
use bellwether::report::{Detail, assessment_records};
use bellwether::{Assessment, Detector, Reading, Snapshot, Tick};
use bellwether_firmware::console::fail;
use core::hint::black_box;
use semihosting::println;

/// Rows that are learned from, and rows behind them.
const ROWS: (u32, u32) = (1500, 500);

/// Frames of a chart's variables: those that it learns from, then assessed ones.
pub fn counted_rows<C: Chart>(charts: &mut Charts<C, VARIABLES>, chart: C::Settings)
where
    C::Settings: Charted<Chart = C>,
{
    #[inline(never)]
    fn observe<D: Detector>(
        detector: &mut D,
        rules: &D::Rules<'_>,
        tick: u32,
        frame: &[Reading],
    ) -> Assessment {
        detector.observe(rules, Tick(tick.into()), frame)
    }
    let settings = Settings {
        learn: ROWS.0,
        ..Settings::new(VARIABLES as u16, chart)
    };
    let Ok(rules) = Rules::<_, VARIABLES>::try_from(settings) else {
        fail("the settings fit")
    };
    let (name, bytes) = (C::NAME, Charts::<C, VARIABLES>::STATE_BYTES);
    println!("detector name={name} bytes={bytes}");
    let mut workload = Workload::new();
    for tick in 0..ROWS.0 + ROWS.1 {
        let frame = workload.next_frame();
        let answer = counted(|| observe(charts, &rules, tick, black_box(&frame)));
        println!("counted detector name={name} state={}", answer.state.name());
    }
}

/// A chart: learned, assessed with its contributions, saved and restored.
#[inline(never)]
pub fn everything<C: Chart, const V: usize>(
    charts: &mut Charts<C, V>,
    chart: C::Settings,
    buffer: &mut [u8],
) -> usize
where
    C::Settings: Charted<Chart = C>,
{
    let settings = black_box(Settings::new(V as u16, chart));
    let Ok(rules) = Rules::<_, V>::try_from(settings) else {
        return 0;
    };
    let frame = black_box([Reading::Value(1.0); V]);
    let answer = charts.observe(&rules, black_box(Tick(1)), &frame);
    let parts = charts.contributions(&rules, &frame);
    let mut done = assessment_records(Tick(1), &answer, 0, parts, Detail::Everything).count();
    done += charts.save(&rules, buffer).unwrap_or(0);
    done += usize::from(charts.restore(&rules, black_box(buffer)).is_ok());
    Detector::reset(charts);
    done
}
