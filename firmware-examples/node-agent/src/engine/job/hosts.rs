//! Lists of nodes as Slurm writes them: `n[01-03,7],login1` is `n01 n02 n03 n7 login1`.

use anyhow::{Context as _, ensure};

/// Nodes of a list, at most.
pub const MOST: usize = 65_536;

/// All names of a list.
///
/// # Errors
/// Its brackets are not closed, a range is no range, or there are more than [`MOST`] names.
pub fn expand(list: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for part in split(list) {
        expand_one(part.trim(), &mut names).with_context(|| {
            let short: String = part.chars().take(40).collect();
            format!("RMS_JOB_NODELIST: {short:?}")
        })?;
    }
    Ok(names)
}

/// The parts between the commas outside of brackets.
fn split(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    list.split(move |c| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
}

/// Appends the names of `prefix[ranges]suffix`, where the suffix may have brackets too.
fn expand_one(part: &str, names: &mut Vec<String>) -> anyhow::Result<()> {
    let mut heads = vec![String::new()];
    let mut rest = part;
    while let Some((plain, behind)) = rest.split_once('[') {
        let (ranges, behind) = behind.split_once(']').context("a bracket is open")?;
        rest = behind;
        let mut next = Vec::new();
        for head in &heads {
            for range in ranges.split(',') {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let digits = first.len();
                ensure!(digits <= 9 && last.len() <= 9, "a number is too long");
                let (low, high): (u32, u32) = (first.parse()?, last.parse()?);
                ensure!(low <= high, "{low} to {high} is no range");
                ensure!(
                    (high - low) as usize + next.len() < MOST,
                    "more than {MOST} nodes"
                );
                next.extend((low..=high).map(|number| format!("{head}{plain}{number:0digits$}")));
            }
        }
        heads = next;
    }
    ensure!(!rest.contains(']'), "a bracket is closed that is not open");
    ensure!(names.len() + heads.len() <= MOST, "more than {MOST} nodes");
    names.extend(
        heads
            .into_iter()
            .map(|head| head + rest)
            .filter(|name| !name.is_empty()),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if zeros in front were lost, a comma in brackets ended a name, or a second bracket were kept.
    #[test]
    fn ranges_are_written_out() {
        let names = |list| expand(list).expect("a list").join(" ");
        assert_eq!(names("n[01-03,7],login1"), "n01 n02 n03 n7 login1");
        assert_eq!(names("r[1-2]n[08-09]x"), "r1n08x r1n09x r2n08x r2n09x");
        assert_eq!(names(" a , b ,"), "a b");
        assert_eq!(names(""), "");
    }

    /// Broken if a hostile list took memory or were half read.
    #[test]
    fn hostile_lists_are_refused() {
        for list in [
            "n[1-",
            "n[1-999999999]",
            "n[2-1]",
            "n[a]",
            "n1]",
            "n[0-60000][0-60000]",
            "n[[1]]",
            "n[-1]",
        ] {
            assert!(expand(list).is_err(), "{list}");
        }
    }
}
