//! Capacities, fixed while the archive is built.
//!
//! | variable of the environment | meaning | without it |
//! |---|---|---|
//! | `BELLWETHER_VARIABLES` | largest number of variables of a detector | 8 |
//! | `BELLWETHER_PRESET` | its memories: `default`, `small` or `tiny` | `small` |
//! | `BELLWETHER_MODEL_VARIABLES` | variables of a model | 2 |
//! | `BELLWETHER_MODEL_WINDOW` | frames of its window | 1 |
//! | `BELLWETHER_MODEL_ARENA` | its arena, in values | 64 |

use bellwether::quartet::Shape;

/// The shape of the detector.
pub const SHAPE: Shape = {
    let variables = number(option_env!("BELLWETHER_VARIABLES"), 8);
    assert!(
        variables >= 1 && variables <= 512,
        "BELLWETHER_VARIABLES is 1 to 512"
    );
    let variables = variables as u16;
    match option_env!("BELLWETHER_PRESET") {
        Some(name) => match name.as_bytes() {
            b"default" => Shape::new(variables),
            b"small" => Shape::small(variables),
            b"tiny" => Shape::tiny(variables),
            _ => panic!("BELLWETHER_PRESET is default, small or tiny"),
        },
        None => Shape::small(variables),
    }
};

/// Variables of the detector.
pub const VARIABLES: usize = SHAPE.variables as usize;

/// Variables of a model.
pub const MODEL_VARIABLES: usize = number(option_env!("BELLWETHER_MODEL_VARIABLES"), 2);
/// Frames of a model's window.
pub const MODEL_WINDOW: usize = number(option_env!("BELLWETHER_MODEL_WINDOW"), 1);
/// Values of a model's arena.
pub const MODEL_ARENA: usize = number(option_env!("BELLWETHER_MODEL_ARENA"), 64);

const fn number(text: Option<&str>, otherwise: usize) -> usize {
    match text {
        Some(text) => match usize::from_str_radix(text, 10) {
            Ok(number) => number,
            Err(_) => panic!("a capacity in the environment is no number"),
        },
        None => otherwise,
    }
}
