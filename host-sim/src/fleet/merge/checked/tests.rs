use super::*;
use crate::fleet::line::{Begin, Part, about};

/// A result of ten frames with verdicts of two.
fn lines() -> Vec<String> {
    let begin = Begin {
        detector: "node".to_owned(),
        settings: Vec::new(),
        variables: 1,
    };
    let verdicts = [3, 7].map(|tick| format!(r#"{{"node":"a","tick":{tick},"score":1.5}}"#));
    let mut digest = Sha256::new();
    for line in &verdicts {
        digest.update(format!("{line}\n"));
    }
    let end = End {
        counts: Counts {
            frames: 10,
            ..Counts::default()
        },
        lines: 2,
        sha256: hexadecimal(&digest.finalize()),
    };
    let [three, seven] = verdicts;
    let begin = about("a", "begin", &begin).unwrap();
    vec![begin, three, seven, about("a", "end", &end).unwrap()]
}

fn part(from: u64, to: u64, last: bool) -> String {
    about("a", "part", &Part { from, to, last }).unwrap()
}

fn check(lines: &[String], all: bool) -> Result<Counts, String> {
    let mut checked = Checked::new("a", all);
    for line in lines {
        checked.take(line).map_err(|error| error.to_string())?;
    }
    checked.finish().map_err(|error| error.to_string())
}

/// Broken by a check that lets any of these through.
#[test]
fn every_way_to_be_incomplete_is_refused() {
    assert_eq!(check(&lines(), false).unwrap().frames, 10);
    let without = |k: usize| {
        let mut lines = lines();
        lines.remove(k);
        check(&lines, false).unwrap_err()
    };
    assert!(without(0).contains("begin"));
    assert!(without(1).contains("1 verdicts, but the end says 2"));
    assert!(without(3).contains("no end"));
    let twice = |k: usize| {
        let mut lines = lines();
        lines.insert(k, lines[k].clone());
        check(&lines, false).unwrap_err()
    };
    assert!(twice(0).contains("begins twice"));
    assert!(twice(2).contains("frame 7 comes twice"));
    assert!(twice(3).contains("behind the end"));
    let mut other = lines();
    other[1] = other[1].replace("1.5", "1.6");
    assert!(check(&other, false).unwrap_err().contains("digest"));
    other[1] = other[1].replace("\"a\"", "\"b\"");
    assert!(check(&other, false).unwrap_err().contains("of node b"));
    let error = check(&lines(), true).unwrap_err();
    assert!(error.contains("frames 0 to 2 have no verdict"), "{error}");
}

/// Broken by a gap between parts of two workers, or an overlap.
#[test]
fn parts_must_join() {
    let [begin, three, seven, end] = lines().try_into().unwrap();
    let of = |first: String, second: String| {
        let lines = [first, begin.clone(), three.clone(), second];
        check(
            &[lines.as_slice(), &[seven.clone(), end.clone()]].concat(),
            false,
        )
    };
    assert_eq!(of(part(0, 5, false), part(5, 10, true)).unwrap().frames, 10);
    let error = of(part(0, 5, false), part(6, 10, true)).unwrap_err();
    assert!(error.contains("frames 5 to 5 were not judged"), "{error}");
    let error = of(part(0, 5, false), part(4, 10, true)).unwrap_err();
    assert!(error.contains("frame 4 was judged twice"), "{error}");
    let error = of(part(0, 5, false), part(5, 9, true)).unwrap_err();
    assert!(error.contains("another number of frames"), "{error}");
    let error = of(part(0, 3, false), part(3, 10, true)).unwrap_err();
    assert!(error.contains("frame 3 is not of its part"), "{error}");
}
