//! The shape that a program with a quartet is built for.

use bellwether::quartet::Shape;

/// The shape of the preset and the number of variables that BELLWETHER_PRESET (`default`, `small` or `tiny`)
/// and BELLWETHER_VARIABLES name while the program is built, as `bellwether device run` does it; without
/// them the small one for this number of variables.
///
/// # Panics
/// While the program is built: another preset, or no number.
pub const fn shape(variables: usize) -> Shape {
    let variables = match option_env!("BELLWETHER_VARIABLES") {
        Some(text) => match u16::from_str_radix(text, 10) {
            Ok(number) => number,
            Err(_) => panic!("BELLWETHER_VARIABLES is no number of variables"),
        },
        None => variables as u16,
    };
    match option_env!("BELLWETHER_PRESET") {
        Some(name) => match name.as_bytes() {
            b"default" => Shape::new(variables),
            b"small" => Shape::small(variables),
            b"tiny" => Shape::tiny(variables),
            _ => panic!("BELLWETHER_PRESET is default, small or tiny"),
        },
        None => Shape::small(variables),
    }
}
