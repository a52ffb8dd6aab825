use super::*;

const ABSENT: Reading = Reading::Absent(Cause::Sensor);

fn gauge() -> Gauge<&'static str> {
    Gauge::new([Measurand::new("°C", -55.0..=125.0)])
}

// Breaks if the range loses one of its ends.
#[test]
fn both_ends_of_the_range_are_plausible() {
    for value in [-55.0_f32, 125.0] {
        assert_eq!(gauge().note(Ok(value)), Reading::Value(value));
    }
    for value in [(-55.0_f32).next_down(), 125.0_f32.next_up()] {
        assert_eq!(gauge().note(Ok(value)), ABSENT);
    }
}

// Breaks if the range is tested by `value < low || value > high`, which a NaN passes.
#[test]
fn nan_and_infinity_are_implausible() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut gauge = gauge();
        assert_eq!(gauge.note(Ok(value)), ABSENT);
        assert!(matches!(gauge.last_fault(), Some(ReadFault::Implausible(v))
            if v.to_bits() == value.to_bits()));
    }
}

// Breaks if a good reading clears the answer to a question asked afterwards.
#[test]
fn recovery_keeps_the_last_fault_and_ends_the_row() {
    let mut gauge = gauge();
    assert_eq!(gauge.note(Err::<f32, _>("once")), ABSENT);
    assert_eq!(gauge.failing(), 1);
    assert_eq!(gauge.note(Ok(1.0)), Reading::Value(1.0));
    assert_eq!(gauge.last_fault(), Some(&ReadFault::Sensor("once")));
    assert_eq!((gauge.reads(), gauge.faults(), gauge.failing()), (2, 1, 0));
}

// Breaks if a gauge without a line rounds, or adds a zero to a negative one.
#[test]
fn values_without_a_line_keep_their_bits() {
    for value in [-0.0_f32, 1e-42, 0.1] {
        let Reading::Value(read) = gauge().note(Ok(value)) else {
            panic!("{value}");
        };
        assert_eq!(read.to_bits(), value.to_bits());
    }
}

// Breaks if one value outside its range takes the others with it, or each of them is a fault.
#[test]
fn implausible_value_is_absent_alone_and_a_failure_takes_all() {
    let axis = Measurand::new("g", -2.0..=2.0);
    let mut axes = Gauge::new([axis; 3]);
    let readings = axes.note(Ok([0.5, 2.5, f32::NAN]));
    assert_eq!(readings, [Reading::Value(0.5), ABSENT, ABSENT]);
    assert_eq!(axes.faults(), 1);
    assert_eq!(axes.note(Err::<[f32; 3], _>("bus")), [ABSENT; 3]);
    assert_eq!((axes.reads(), axes.faults(), axes.failing()), (2, 2, 2));
}

// Breaks if the range is that of the sensor's numbers, or the line is taken twice.
#[test]
fn range_is_that_of_the_scaled_value() {
    let mut supply = Gauge::new([Measurand::new("V", 0.0..=16.0).scaled(0.003_906_25, 0.5)]);
    assert_eq!(supply.note(Ok::<_, ()>(2944.0)), Reading::Value(12.0));
    assert_eq!(supply.note(Ok::<_, ()>(4095.0)), ABSENT);
}

// Breaks if a dead sensor is retried for ever, a recovered one not again, or a restart is advised
// once only.
#[test]
fn advice_is_to_retry_first_and_to_restart_at_every_limit() {
    use Advice::{Continue, Restart, Retry};
    let mut gauge = gauge().retries(2).restarts(4);
    let mut advice = |result: Result<f32, &'static str>| {
        gauge.note(result);
        gauge.advice()
    };
    let found = [(); 9].map(|()| advice(Err("silent")));
    let wanted = [
        Retry, Retry, Continue, Restart, Continue, Continue, Continue, Restart, Continue,
    ];
    assert_eq!(found, wanted);
    assert_eq!(advice(Ok(20.0)), Continue);
    assert_eq!(advice(Err("silent")), Retry);
}

// Breaks if a time-out is counted as an answer, or the other way round.
#[test]
fn time_outs_are_faults_with_a_count_of_their_own() {
    let mut gauge = gauge();
    assert_eq!(gauge.timed_out(), [ABSENT]);
    gauge.note(Err::<f32, _>("bus"));
    assert_eq!((gauge.timeouts(), gauge.faults(), gauge.reads()), (1, 2, 2));
    assert_eq!(gauge.last_fault(), Some(&ReadFault::Sensor("bus")));
}
