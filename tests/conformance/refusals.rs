//! Settings out of range: each is refused by its name, with the values that are allowed.

use bellwether::repad2::{self, Guard, LaneSettings};
use bellwether::threshold::ema;
use bellwether::vote::k_of_n;
use bellwether::{SettingsError, rola};

/// An ensemble with one setting changed, room for 100 errors and 200 frames.
fn ensemble(edit: impl FnOnce(&mut rola::Settings<3>)) -> Result<(), SettingsError> {
    let mut settings = rola::Settings::DEFAULT;
    edit(&mut settings);
    rola::Rules::<3, 100, 200>::new(settings).map(|_| ())
}

/// A single lane with one setting changed, room for 100 errors.
fn lane(edit: impl FnOnce(&mut LaneSettings)) -> Result<(), SettingsError> {
    let mut settings = repad2::Settings::DEFAULT;
    edit(&mut settings.lane);
    repad2::Rules::<100>::new(settings).map(|_| ())
}

const fn guard(error: f32, samples: u16) -> Option<Guard> {
    Some(Guard { error, samples })
}

/// Of every setting of lanes: what is refused with which words, and the ends of what is allowed.
/// Broken by a check that is left out, and by an end that is not allowed.
#[test]
fn of_lanes() {
    type Edit = fn(&mut LaneSettings);
    let refused: [(Edit, &str); 14] = [
        (|s| s.window = Some(0), "window must be 1 to 100, found 0"),
        (
            |s| s.window = Some(101),
            "window must be 1 to 100, found 101",
        ),
        (|s| s.sigmas = 0.0, "sigmas must be 0.1 to 100, found 0"),
        (
            |s| s.sigmas = 100.5,
            "sigmas must be 0.1 to 100, found 100.5",
        ),
        (
            |s| s.sigmas = f32::NAN,
            "sigmas must be 0.1 to 100, found NaN",
        ),
        (
            |s| s.guard = guard(0.0, 1),
            "guard.error must be finite and above 0, found 0",
        ),
        (
            |s| s.guard = guard(-1.0, 1),
            "guard.error must be finite and above 0, found -1",
        ),
        (
            |s| s.guard = guard(f32::INFINITY, 1),
            "guard.error must be finite and above 0, found inf",
        ),
        (
            |s| s.guard = guard(f32::NAN, 1),
            "guard.error must be finite and above 0, found NaN",
        ),
        (
            |s| s.guard = guard(0.5, 0),
            "guard.samples must be at least 1, found 0",
        ),
        (
            |s| s.stuck_after = Some(0),
            "stuck_after must be at least 1, found 0",
        ),
        (
            |s| s.restart_after_gap = Some(0),
            "restart_after_gap must be at least 1, found 0",
        ),
        (
            |s| s.epochs_per_frame = Some(0),
            "epochs_per_frame must be at least 1, found 0",
        ),
        (
            |s| s.window = Some(u16::MAX),
            "window must be 1 to 100, found 65535",
        ),
    ];
    for (edit, words) in refused {
        let found = lane(edit).expect_err(words);
        assert_eq!(found.to_string(), words);
        // An ensemble checks its lanes alike.
        assert_eq!(
            ensemble(|s| edit(&mut s.lane)).map_err(|e| e.to_string()),
            Err(words.into())
        );
    }
    let allowed: [Edit; 8] = [
        |s| s.window = Some(1),
        |s| s.window = Some(100),
        |s| s.sigmas = 0.1,
        |s| s.sigmas = 100.0,
        |s| s.guard = guard(f32::MIN_POSITIVE, 1),
        |s| s.stuck_after = Some(1),
        |s| s.restart_after_gap = Some(1),
        |s| s.epochs_per_frame = Some(1),
    ];
    for (k, edit) in allowed.into_iter().enumerate() {
        assert_eq!(lane(edit), Ok(()), "{k}");
    }
    let floor = |floor| {
        let lane = LaneSettings::DEFAULT;
        let rules = repad2::Rules::<100>::new(repad2::Settings { lane, floor });
        rules.map(|_| ()).map_err(|error| error.to_string())
    };
    let words = "floor must be finite and above 0, found 0";
    assert_eq!(floor(0.0), Err(words.into()));
    assert_eq!(floor(1e-30), Ok(()));
}

#[test]
fn of_ensembles() {
    type Edit = fn(&mut rola::Settings<3>);
    let refused: [(Edit, &str); 11] = [
        (|s| s.variables = 0, "variables must be 1 to 3, found 0"),
        (|s| s.variables = 4, "variables must be 1 to 3, found 4"),
        (
            |s| s.floor[2] = 0.0,
            "floor of variable 2 must be finite and above 0, found 0",
        ),
        (
            |s| s.floor[0] = f32::INFINITY,
            "floor of variable 0 must be finite and above 0, found inf",
        ),
        (
            |s| (s.variables, s.floor[1]) = (1, -1.0),
            "floor of variable 1 must be finite and above 0, found -1",
        ),
        (
            |s| s.vote.history = Some(1),
            "history must be 2 to 200, found 1",
        ),
        (
            |s| s.vote.history = Some(201),
            "history must be 2 to 200, found 201",
        ),
        (
            |s| s.vote.limit = 1.0,
            "limit must be at least 0 and below 1, found 1",
        ),
        (
            |s| s.vote.limit = -0.5,
            "limit must be at least 0 and below 1, found -0.5",
        ),
        (
            |s| s.vote.limit = f32::NAN,
            "limit must be at least 0 and below 1, found NaN",
        ),
        (
            |s| s.vote.pairs_per_frame = Some(0),
            "pairs_per_frame must be at least 1, found 0",
        ),
    ];
    for (edit, words) in refused {
        assert_eq!(ensemble(edit).expect_err(words).to_string(), words);
    }
    let allowed: [Edit; 7] = [
        |s| s.variables = 1,
        |s| s.floor = [1e-30, 1.0, 1e30],
        |s| s.vote.history = Some(2),
        |s| s.vote.history = Some(200),
        |s| s.vote.limit = 0.0,
        |s| s.vote.min_samples = 0,
        |s| s.vote.pairs_per_frame = Some(1),
    ];
    for (k, edit) in allowed.into_iter().enumerate() {
        assert_eq!(ensemble(edit), Ok(()), "{k}");
    }
}

#[test]
fn of_moving_thresholds_and_of_k_of_n() {
    let moving = |shift, length| ema::Rules::new(shift, length, 0).map(|_| ());
    let counted = |k, n| k_of_n::Rules::new(k, n).map(|_| ());
    for (refused, words) in [
        (moving(0, 1), "shift must be 1 to 15, found 0"),
        (moving(16, 1), "shift must be 1 to 15, found 16"),
        (moving(1, 0), "length must be 1 to 32, found 0"),
        (moving(1, 33), "length must be 1 to 32, found 33"),
        (counted(1, 0), "n must be 1 to 32, found 0"),
        (counted(1, 33), "n must be 1 to 32, found 33"),
        (counted(0, 3), "k must be 1 to 3, found 0"),
        (counted(4, 3), "k must be 1 to 3, found 4"),
    ] {
        assert_eq!(refused.expect_err(words).to_string(), words);
    }
    for allowed in [moving(1, 1), moving(15, 32), counted(1, 1), counted(32, 32)] {
        assert_eq!(allowed, Ok(()));
    }
}
