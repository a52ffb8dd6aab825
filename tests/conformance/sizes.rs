//! Bytes of state, as documents state them. Sizes of presets are those of the target that is named:
//! an increase is a change of a documented number.

use bellwether::autoencoder::{Alarm, Autoencoder, Windowed};
use bellwether::threshold::ema::EmaThreshold;
use bellwether::threshold::surprise::Surprise;
use bellwether::vote::k_of_n::KOfN;
use bellwether::{Detector, Mid9, Paper9, Tiny9};
use bellwether_conformance::documentation;
use bellwether_sim::text::number::count;

/// The presets on x86_64; the stage `cost` of `cargo verify` compares those of the boards.
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
        let number = count(bytes as u64);
        assert!(
            documented.contains(&number),
            "{preset}: {number}: {documented}"
        );
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
            156,
        ),
        (
            include_str!("../../core/src/threshold/surprise.rs"),
            "pub struct Surprise",
            size_of::<Surprise>(),
            8,
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
