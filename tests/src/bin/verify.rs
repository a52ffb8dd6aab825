//! `cargo verify`
fn main() {}
