//! From the settings to the options of a connection.

use super::message::Message;
use super::settings::Settings;
use super::{secret, tls, topic, wire};
use anyhow::Context as _;
use std::time::Duration;

/// Checks the values, and that the files of secrets and certificates can be used.
///
/// # Errors
/// A value is out of range, or a file is missing, unusable or open to others; with the key.
pub fn check(settings: &Settings) -> anyhow::Result<()> {
    settings.check()?;
    if let Some(path) = &settings.password_file {
        secret::password(path).context("password_file")?;
    }
    if let Some(tls) = &settings.tls {
        tls::config(tls).context("tls")?;
    }
    Ok(())
}

/// The options of the next connection. Secrets are read again, so that they can change.
///
/// # Errors
/// As [`check`].
pub fn next(settings: &Settings, node: &str, prefix: &str) -> anyhow::Result<wire::Options> {
    let password = settings
        .password_file
        .as_deref()
        .map(secret::password)
        .transpose()?;
    let login = settings
        .user
        .clone()
        .map(|user| (user, password.unwrap_or_default()));
    let name = || format!("bellwether-{}", topic::level(node));
    Ok(wire::Options {
        version: settings.version,
        host: settings.host.clone(),
        port: settings
            .port
            .unwrap_or(if settings.tls.is_some() { 8883 } else { 1883 }),
        client_id: settings.client_id.clone().unwrap_or_else(name),
        keep_alive: Duration::from_secs(settings.keep_alive_s.into()),
        login,
        tls: settings.tls.as_ref().map(tls::config).transpose()?,
        will: Message {
            topic: format!("{prefix}/status"),
            payload: "offline".into(),
            retain: true,
        },
    })
}
