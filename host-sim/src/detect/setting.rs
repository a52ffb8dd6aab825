//! Settings of detectors as text: `KEY=VALUE`.

use anyhow::{anyhow, bail};
use std::str::FromStr;

/// Key and value of an assignment; `keys` are for the error message.
///
/// # Errors
/// There is no `=`.
pub fn split<'a>(assignment: &'a str, keys: &str) -> anyhow::Result<(&'a str, &'a str)> {
    match assignment.split_once('=') {
        Some((key, value)) => Ok((key.trim(), value.trim())),
        None => bail!("`{assignment}`: expected KEY=VALUE; keys:\n{keys}"),
    }
}

/// The error for a key that is not one of `keys`.
pub fn unknown(key: &str, keys: &str) -> anyhow::Error {
    anyhow!("unknown setting `{key}`; keys:\n{keys}")
}

fn parse<T: FromStr>(key: &str, value: &str, what: &str) -> anyhow::Result<T> {
    value
        .parse()
        .map_err(|_| anyhow!("{key}={value}: expected {what}"))
}

/// A count.
///
/// # Errors
/// It is no whole number from 0 to 65,535.
pub fn count(key: &str, value: &str) -> anyhow::Result<u16> {
    parse(key, value, "a whole number from 0 to 65535")
}

/// A larger count.
///
/// # Errors
/// It is no whole number from 0 to 2^32 - 1.
pub fn large_count(key: &str, value: &str) -> anyhow::Result<u32> {
    parse(key, value, "a whole number from 0 to 4294967295")
}

/// A number.
///
/// # Errors
/// It is no number.
pub fn real(key: &str, value: &str) -> anyhow::Result<f32> {
    parse(key, value, "a number")
}
