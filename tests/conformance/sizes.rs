//! Bytes of state, as documents state them. Sizes of presets are those of the target that is named:
//! an increase is a change of a documented number.

use bellwether::autoencoder::{Alarm, Autoencoder, Windowed};
use bellwether::threshold::ema::EmaThreshold;
use bellwether::vote::k_of_n::KOfN;
use bellwether::{Detector, Mid9, Paper9, Tiny9};

/// The lines of documentation before the line that begins so.
fn documentation(source: &str, item: &str) -> String {
    let (before, _) = source.split_once(&format!("\n{item}")).expect(item);
    let lines: Vec<&str> = before.lines().collect();
    let own = lines.iter().rev();
    let own = own.take_while(|line| line.starts_with("///") || line.starts_with("#["));
    let mut own: Vec<&str> = own.filter_map(|line| line.strip_prefix("/// ")).collect();
    own.reverse();
    own.join(" ")
}

/// With a comma between thousands.
fn with_commas(bytes: usize) -> String {
    let digits = bytes.to_string();
    let mut text = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The presets on x86_64; `tests/expect/sizes.txt` has those of the boards.
#[cfg(target_arch = "x86_64")]
#[test]
fn presets_on_x86_64() {
    let source = include_str!("../../core/src/ensemble/rola.rs");
    for (preset, bytes, wanted) in [
        ("Paper9", Paper9::STATE_BYTES, 105_056),
        ("Mid9", Mid9::STATE_BYTES, 53_216),
        ("Tiny9", Tiny9::STATE_BYTES, 10_592),
    ] {
        assert_eq!(bytes, wanted, "{preset}");
        let documented = documentation(source, &format!("pub type {preset} "));
        let number = with_commas(bytes);
        assert!(
            documented.contains(&number),
            "{preset}: {number}: {documented}"
        );
    }
}

/// The presets on the boards, as their firmware has them, are those of the library's documents.
#[test]
fn presets_on_cortex_m() {
    let source = include_str!("../../core/src/ensemble/rola.rs");
    let readme = include_str!("../../README.md");
    let expected = include_str!("../expect/sizes.txt");
    for (preset, board) in [
        ("Paper9", "qemu-mps2-an386"),
        ("Mid9", "qemu-lm3s6965"),
        ("Tiny9", "qemu-microbit"),
    ] {
        let line = expected.lines().find_map(|line| {
            let sizes = line.strip_prefix(board)?.strip_prefix(" ensemble ")?;
            sizes.split_once("ram=")
        });
        let (_, ram) = line.expect(board);
        let number = with_commas(ram.parse().expect("bytes"));
        let documented = documentation(source, &format!("pub type {preset} "));
        assert!(
            documented.contains(&number),
            "{preset}: {number}: {documented}"
        );
        let row = readme
            .lines()
            .find(|line| line.contains(&format!("`{preset}` |")));
        assert!(row.expect(preset).contains(&number), "{preset}: {number}");
    }
}

/// The same on every target: nothing in them is as wide as a pointer.
#[test]
fn of_networks_and_what_makes_alarms() {
    let source = include_str!("../../core/src/detector/autoencoder.rs");
    let documented = documentation(source, "pub struct Autoencoder<");
    assert!(documented.contains("[`Activations`] and 40 bytes more"));
    assert_eq!(Autoencoder::<768>::STATE_BYTES, 2 * 768 + 40);

    let source = include_str!("../../core/src/detector/autoencoder/windowed.rs");
    let documented = documentation(source, "pub struct Windowed<");
    assert!(documented.contains("[`Autoencoder`], 4·V·W bytes and 4 bytes more"));
    let parts = Autoencoder::<12>::STATE_BYTES + 4 * 2 * 3 + 4;
    assert_eq!(Windowed::<2, 3, 12>::STATE_BYTES, parts.next_multiple_of(8));

    for (source, item, bytes, wanted) in [
        (
            include_str!("../../core/src/threshold/ema.rs"),
            "pub struct EmaThreshold",
            size_of::<EmaThreshold>(),
            136,
        ),
        (
            include_str!("../../core/src/vote/k_of_n.rs"),
            "pub struct KOfN",
            size_of::<KOfN>(),
            8,
        ),
        (
            include_str!("../../core/src/detector/autoencoder/alarm.rs"),
            "pub struct Alarm",
            size_of::<Alarm>(),
            148,
        ),
    ] {
        assert_eq!(bytes, wanted, "{item}");
        let documented = documentation(source, item);
        assert!(
            documented.contains(&format!(" {wanted} bytes")),
            "{documented}"
        );
    }
}
