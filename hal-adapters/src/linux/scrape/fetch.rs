//! Texts from an endpoint.

use super::{ScrapeError, Source, append};
use crate::linux::http;
use core::fmt::Display;
use core::time::Duration;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::io;
use std::string::ToString;

/// A place that asks the endpoint each time. The connection is kept.
pub(super) fn source(
    url: &str,
    limit: Duration,
    roots: Option<&[u8]>,
) -> Result<Source, ScrapeError> {
    let (agent, url) = (http::agent(limit, roots)?, url.to_owned());
    Ok(Box::new(move |text| {
        let answer = agent
            .get(&url)
            .header("Accept", "text/plain; version=0.0.4")
            .call();
        let mut answer = answer.map_err(failed)?;
        if answer.status() != 200 {
            return Err(failed(answer.status()));
        }
        append(answer.body_mut().as_reader(), text)
    }))
}

fn failed(reason: impl Display) -> ScrapeError {
    ScrapeError::Io(io::Error::other(reason.to_string()))
}
