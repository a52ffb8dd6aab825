//! Shared helpers of the conformance tests.

pub mod bits;
pub mod curves;
pub mod data;
pub mod extreme;
pub mod flash;
pub mod frames;
pub mod halves;
pub mod kinds;
pub mod network;
pub mod numbers;
pub mod oracle;

/// The documentation of an item, from its source; `item` is the start of its line.
///
/// # Panics
/// If there is no such line.
pub fn documentation(source: &str, item: &str) -> String {
    let (before, _) = source.split_once(&format!("\n{item}")).expect(item);
    let lines: Vec<&str> = before.lines().collect();
    let own = lines.iter().rev();
    let own = own.take_while(|line| line.starts_with("///") || line.starts_with("#["));
    let mut own: Vec<&str> = own.filter_map(|line| line.strip_prefix("/// ")).collect();
    own.reverse();
    own.join(" ")
}

/// The examples of the README, compiled and run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
