//! Limits of a model's score, and its surprise, against the equations in f64
//! (tests/golden/surprise/surprise.py).

use bellwether::model::Score;
use bellwether::threshold::surprise::Surprise;
use bellwether::{Assessment, State};
use bellwether_sim::model::limits::limits;

fn golden(name: &str) -> Vec<Vec<f64>> {
    let path = format!("{}/golden/surprise/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a golden");
    let fields = |line: &str| {
        line.split(',')
            .map(|x| x.parse().expect("a number"))
            .collect()
    };
    text.lines().skip(1).map(fields).collect()
}

/// The scores of a series, as in the script: all exact in f32.
fn scores(seed: f64, rows: f64) -> Vec<f64> {
    let mut state = seed as u32;
    let mut score = |row: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut x = (state >> 24) / 4;
        if seed != 5.0 && row % 53 > 50 || row % 211 == 7 {
            x += (state >> 16) % 512;
        }
        f64::from(x) / 64.0
    };
    (0..rows as u32).map(&mut score).collect()
}

fn near(found: f32, wanted: f64, what: &str) {
    let apart = (f64::from(found) - wanted).abs();
    assert!(
        apart <= 1e-5 * wanted.abs().max(1.0),
        "{what}: {found}, {wanted}"
    );
}

/// Broken by another quantile, floor, holding or logarithm.
#[test]
fn limits_and_surprise_are_those_of_the_equations() {
    let rows = golden("surprise.csv");
    for (case, about) in golden("cases.csv").iter().enumerate() {
        let [
            seed,
            fitted,
            held_out,
            judged,
            usual,
            scale,
            hold,
            threshold,
        ] = about[..]
        else {
            panic!("eight numbers");
        };
        let all = scores(seed, held_out + judged);
        let (known, later) = all.split_at(held_out as usize);
        let found = limits(Score::MaxAbsolute, known, fitted as usize, 0.99).expect("limits");
        assert_eq!(f64::from(found.rows), held_out);
        let rules = found.rules;
        near(rules.usual(), usual, "usual");
        near(rules.scale(), scale, "scale");
        near(rules.threshold(), threshold, "threshold");
        assert_eq!(f64::from(rules.hold()), hold);
        let mut surprise = Surprise::new();
        let mut stored = rows.iter().filter(|row| row[0] == case as f64);
        for (row, score) in later.iter().enumerate() {
            let own = Assessment::judged(State::Normal, *score as f32, f32::INFINITY);
            let answer = surprise.observe(rules, own);
            assert_eq!(answer.is_anomalous(), surprise.total() > rules.threshold());
            if row % 7 == 0 {
                let wanted = stored.next().expect("a row");
                assert_eq!(wanted[1], row as f64);
                near(surprise.onset(), wanted[2], "onset");
                near(surprise.held(), wanted[3], "held");
            }
        }
        assert!(stored.next().is_none());
    }
}
