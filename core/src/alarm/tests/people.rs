//! News for people, and their verbs.

use super::*;

/// The rows that are news.
fn news(events: &[Event]) -> Vec<(usize, Phase)> {
    let rows = events.iter().enumerate().filter(|(_, event)| event.is_news);
    rows.map(|(row, event)| (row, event.phase)).collect()
}

/// An alarm from row 10 to 19, critical from row 15.
fn scores() -> impl Iterator<Item = f32> {
    (0..60).map(|row| match row {
        10..15 => 1.4,
        15..20 => 4.0,
        _ => 0.0,
    })
}

fn loud() -> Vec<(usize, Phase)> {
    let events = fed(
        &mut Alarm::after_fit(2000),
        &rules::<0>(1.0, None),
        scores(),
    );
    news(&events)
}

#[test]
fn start_rise_and_clear_are_news() {
    let loud = loud();
    assert_eq!(loud.len(), 3, "{loud:?}");
    assert_eq!(loud[0], (10, Phase::Start));
    assert!(loud[1].0 > 10 && loud[1].1 == Phase::Update);
    assert_eq!(loud[2].1, Phase::Clear);
}

#[test]
fn of_an_acknowledged_alarm_only_the_clear_is_news() {
    let rules = rules::<0>(1.0, None);
    let mut alarm = Alarm::after_fit(2000);
    assert!(!alarm.acknowledge(), "nothing is on");
    let mut events = fed(&mut alarm, &rules, scores().take(11));
    assert!(alarm.acknowledge());
    events.extend(fed(&mut alarm, &rules, scores().skip(11)));
    let loud = loud();
    assert_eq!(news(&events), [loud[0], loud[2]]);
    assert!(events[12].episode.is_some_and(|of| of.acknowledged));
    // The next alarm is not.
    let next = fed(&mut alarm, &rules, scores());
    assert_eq!(news(&next)[0].1, Phase::Start);
    assert!(
        next.iter()
            .flat_map(|event| event.episode)
            .all(|of| !of.acknowledged)
    );
}

#[test]
fn a_silenced_alarm_is_no_news_and_costs_no_token() {
    let rules = rules::<0>(1.0, None);
    let (mut alarm, mut loud) = (Alarm::after_fit(2000), Alarm::after_fit(2000));
    alarm.silence(60);
    let silent = fed(&mut alarm, &rules, scores());
    assert_eq!(news(&silent), []);
    let phases = |events: &[Event]| events.iter().map(|of| of.phase).collect::<Vec<_>>();
    assert_eq!(phases(&silent), phases(&fed(&mut loud, &rules, scores())));
    assert_eq!(alarm.silent_rows(), 0);
    assert_eq!(alarm.guard, Guard::new());
    assert_ne!(loud.guard, Guard::new());
}

/// Broken by news that a silence swallows for good.
#[test]
fn what_outlasts_a_silence_is_news() {
    let rules = rules::<0>(1.0, None);
    let mut alarm = Alarm::after_fit(2000);
    alarm.silence(17);
    let events = fed(&mut alarm, &rules, scores());
    let loud = loud();
    assert!(loud[1].0 < 17);
    assert_eq!(news(&events), [(17, Phase::Update), loud[2]]);
    alarm.silence(7);
    alarm.silence(0);
    assert_eq!(news(&fed(&mut alarm, &rules, scores()))[0].1, Phase::Start);
}

#[test]
fn an_accepted_level_is_normal() {
    let rules = rules::<0>(1.0, None);
    let mut alarm = Alarm::after_fit(2000);
    fed(&mut alarm, &rules, [2.0; 100]);
    assert!(alarm.episode(&rules).is_some());
    alarm.accept();
    let events = fed(&mut alarm, &rules, [2.0; 100]);
    assert_eq!(news(&events), [(10, Phase::Clear)]);
    // What is odd at the new level is an alarm.
    assert_eq!(alarm.observe(&rules, Some(5.0)).phase, Phase::Start);
}

/// Broken by a gap that is taken for quiet rows, or for an alarm's end.
#[test]
fn rows_without_a_score_hold_an_alarm_and_teach_nothing() {
    let rules = rules::<0>(1.0, None);
    let (mut with, mut without) = (Alarm::after_fit(500), Alarm::after_fit(500));
    for (row, score) in scores().enumerate() {
        if row % 3 == 0 {
            for gap in [None, Some(f32::NAN)] {
                let on = with.episode(&rules).is_some();
                let event = with.observe(&rules, gap);
                let phase = if on { Phase::Update } else { Phase::Quiet };
                assert_eq!((event.phase, event.severity), (phase, None), "{row}");
                assert_eq!(event.grade, Grade::None);
            }
        }
        let (a, b) = (
            with.observe(&rules, Some(score)),
            without.observe(&rules, Some(score)),
        );
        assert_eq!((a.phase, a.severity), (b.phase, b.severity), "{row}");
    }
    assert_eq!(with.moments, without.moments);
}
