//! Bytes of state, and that a shape's arrays are as long as the layout that is used.

use crate::quartet::parts::Layout;
use crate::quartet::{Rules, Settings, Shape};
use crate::{Detector, SettingsError, quartet_of};

/// State of a shape's type, which must hold it.
macro_rules! bytes {
    ($shape:expr) => {{
        const SHAPE: Shape = $shape;
        type Of = quartet_of!(SHAPE);
        assert_eq!(SHAPE.state_bytes(), Of::STATE_BYTES, "{SHAPE:?}");
        assert_eq!(
            Of::MAX_VARIABLES,
            usize::from(SHAPE.variables).max(least(SHAPE))
        );
        let rules: Result<<Of as Detector>::Rules<'_>, SettingsError> =
            Settings::new(SHAPE).try_into();
        assert!(rules.is_ok());
        Of::STATE_BYTES
    }};
}

/// Variables whose smallest shape fits where one of `shape` does.
fn least(shape: Shape) -> usize {
    Shape::most_variables(shape.floats(), shape.bytes()).into()
}

/// Broken by a field or an array that grew: the table in the head of the module is this one.
#[test]
fn states_are_as_large_as_documented() {
    let sizes = [
        [
            bytes!(Shape::new(1)),
            bytes!(Shape::new(8)),
            bytes!(Shape::new(19)),
            bytes!(Shape::new(38)),
        ],
        [
            bytes!(Shape::small(1)),
            bytes!(Shape::small(8)),
            bytes!(Shape::small(19)),
            bytes!(Shape::small(38)),
        ],
        [
            bytes!(Shape::tiny(1)),
            bytes!(Shape::tiny(8)),
            bytes!(Shape::tiny(19)),
            bytes!(Shape::tiny(38)),
        ],
    ];
    assert_eq!(
        sizes,
        [
            [6_752, 7_400, 10_680, 21_416],
            [2_704, 3_040, 5_008, 11_360],
            [1_552, 1_760, 3_184, 7_712]
        ]
    );
    let [_, [_, small, .., wide], [_, tiny, ..]] = sizes;
    assert!(small <= 3_276 && wide <= 12_288 && tiny <= 1_843);
}

#[test]
fn every_number_of_variables_has_a_layout_that_fits() {
    for variables in 1..=512 {
        for shape in [Shape::new(variables), Shape::small(variables)] {
            for rows in [1, 63, 64, 100, 511, 512, u32::MAX] {
                let layout = Layout { shape, rows };
                assert!(layout.bytes() <= shape.bytes(), "{shape:?} {rows}");
                let span = layout.shape.ring(rows);
                assert!(layout.short() <= span && layout.long() <= span);
            }
            let longest = Layout {
                shape,
                rows: u32::MAX,
            };
            assert_eq!(longest.bytes(), shape.bytes());
        }
    }
    // A window of one variable lasts at most an eighth of the rows of the fit.
    let lengths = [0, 64, 107, 400, 512, 9_999].map(|rows| Shape::new(1).long(rows));
    assert_eq!(lengths, [4, 4, 6, 25, 32, 32]);
}

/// Rules for too small arrays are refused by the field that is too large for them.
#[test]
fn what_does_not_fit_the_type_is_named() {
    const SHAPE: Shape = Shape::small(8);
    const FLOATS: usize = SHAPE.floats();
    const BYTES: usize = SHAPE.bytes();
    let refused = |shape: Shape| {
        let rules = Rules::<FLOATS, BYTES, 0>::try_from(Settings::new(shape));
        std::string::ToString::to_string(&rules.expect_err("no room"))
    };
    let with = |variables, vectors, candidates| Shape {
        variables,
        vectors,
        candidates,
    };
    let cases = [
        (with(9, 64, 0), "variables must be 1 to 8, found 9"),
        (with(0, 64, 0), "variables must be 1 to 8, found 0"),
        (with(8, 65, 0), "vectors must be 2 to 64, found 65"),
        (with(8, 1, 0), "vectors must be 2 to 64, found 1"),
        (with(8, 32, 1), "candidates must be 0 to 0, found 1"),
    ];
    for (shape, said) in cases {
        assert_eq!(refused(shape), said);
    }
}
