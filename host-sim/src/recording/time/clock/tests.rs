use super::*;

fn read(texts: &[&str]) -> Vec<Option<f64>> {
    let mut clock = Clock::default();
    texts.iter().map(|text| clock.read(text)).collect()
}

/// 2026-03-01 12:30:15 UTC.
const NOW: f64 = 1_772_368_215.0;

#[test]
fn every_usual_spelling_is_the_same_second() {
    for text in [
        "2026-03-01T12:30:15Z",
        "2026-03-01 12:30:15",
        "2026-03-01T12:30:15.000+00:00",
        "2026-03-01T14:30:15+02:00",
        "2026-03-01T07:00:15-0530",
        "2026-03-01T13:30:15+01:00[Europe/Berlin]",
        "2026/03/01 12:30:15",
        "01.03.2026 12:30:15",
        "1.3.2026 12:30:15",
        "13:30:15 CET",
        "2026-03-01 12:30:15 UTC",
        "01-Mar-2026 12:30:15",
        "Mar 1, 2026 12:30:15 PM",
        "Sun, 01 Mar 2026 12:30:15 GMT",
        "01/Mar/2026:12:30:15 +0000",
        "20260301123015",
        "20260301T123015Z",
        "1772368215",
        "1772368215000",
        "1772368215000000",
        "1772368215000000000",
        "2026-03-01 12:30:15,000",
        "Sun Mar  1 12:30:15 2026",
        "Sun Mar 01 12:30:15 UTC 2026",
        "20260301_123015",
        "20260301-12:30:15",
        "20260301 123015",
        "20260301 12:30:15",
        "Mar 1, 2026 @ 12:30:15.000",
        "2026-03-01_12-30-15",
        "2026-03-01_12:30:15",
        "2026-03-01-12.30.15.000000",
        "01.03.2026 12.30.15",
        "[2026-03-01 12:30:15]",
        "1772368215:",
        "2026-03-01t12:30:15z",
        "2026-03-01 12:30:15 Europe/London",
        "2026-03-01 12:30:15.000000000 +0000 UTC",
        "2026-060T12:30:15",
        "01. März 2026 12:30:15",
        "1 mars 2026 12:30:15",
        "2026年03月01日 12:30:15",
        "Mar 1, 2026 12:30:15\u{202f}PM",
    ] {
        if text.ends_with("CET") {
            // Without a date there is no day to take the zone from.
            assert_eq!(read(&[text]), [Some(48_615.0)], "{text}");
            continue;
        }
        assert_eq!(read(&[text]), [Some(NOW)], "{text}");
    }
    assert_eq!(
        read(&["2026-03-01 12", "2026030113"]),
        [Some(NOW - 1815.0), Some(NOW + 1785.0)]
    );
    assert_eq!(
        read(&["2026-03-01", "20260302"]),
        [Some(NOW - 45_015.0), Some(NOW + 41_385.0)]
    );
    for text in [
        "noon",
        "",
        "x:y",
        "1:2:3:4",
        "2026-13-01",
        "10.0.0.1",
        "25:00",
        "99/99/2026",
    ] {
        assert_eq!(read(&[text]), [None], "{text}");
    }
}

/// Broken if the first of two numbers is always the day, or always the month.
#[test]
fn later_dates_settle_the_order_of_day_and_month() {
    let days = |texts: &[&str]| -> Vec<i64> {
        let seconds = read(texts).into_iter().map(Option::unwrap);
        seconds.map(|s| (s / 86_400.0) as i64 - 20_513).collect()
    };
    // 2026-03-01 is day 0.
    assert_eq!(days(&["02/03/2026", "03/03/2026", "04/03/2026"]), [1, 2, 3]);
    assert_eq!(
        days(&["03/30/2026", "03/31/2026", "04/01/2026"]),
        [29, 30, 31]
    );
    let mut clock = Clock::default();
    clock.read("03/04/2026 10:00");
    assert!(clock.is_ambiguous());
    clock.read("03/04/2026 10:01");
    assert!(clock.is_ambiguous());
    clock.read("13/04/2026 10:01");
    assert!(!clock.is_ambiguous());
}

/// Broken if a log without years runs back at the new year.
#[test]
fn dates_without_a_year_pass_the_new_year() {
    let times = read(&["Dec 31 23:59:59", "Jan  1 00:00:00", "Jan  1 00:00:01"]);
    let times: Vec<f64> = times.into_iter().map(Option::unwrap).collect();
    assert!(times[1] > times[0] && times[2] == times[1] + 1.0);
    assert!(times[1] - times[0] <= 86_401.0);
}

#[test]
fn times_of_day_pass_midnight() {
    let day = read(&["23:59:00", "00:00:00", "00:01:00", "0:00:30"]);
    assert_eq!(day, [86_340.0, 86_400.0, 86_460.0, 86_430.0].map(Some));
}

#[test]
fn compact_dates_have_no_gap_at_the_full_hour() {
    let times = read(&["20260301005900", "20260301010000", "20260331", "99999999"]);
    assert_eq!(times[1].unwrap() - times[0].unwrap(), 60.0);
    assert_eq!(times[3], None);
    assert_eq!(
        read(&["100", "20260301"]),
        [Some(100.0), Some(20_260_301.0)]
    );
}
