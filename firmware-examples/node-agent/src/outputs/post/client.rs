//! The client of a webhook.

use super::Settings;
use crate::outputs::secret;
use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// Pause behind the first failure; it doubles with each further one.
const PAUSE: Duration = Duration::from_secs(1);

/// Longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// Bytes of an answer's head, at most.
const HEAD: usize = 16 * 1024;

/// Files of the system's certificates, on Debian and on Red Hat.
const SYSTEM: [&str; 2] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];

/// A webhook.
pub struct Post {
    agent: ureq::Agent,
    url: String,
    authorization: Option<String>,
    patience: Duration,
    pub(super) pause: Duration,
}

/// The reason why an event was not taken.
enum Failure {
    /// It is worth another try.
    Passing(anyhow::Error),
    /// It is not.
    Final(anyhow::Error),
}

impl Post {
    /// Looks at the settings; nothing is sent.
    ///
    /// # Errors
    /// They contradict each other, or a file cannot be used.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let url = &settings.url;
        let uri: Uri = url.parse().with_context(|| format!("url: {url}"))?;
        let host = uri.host().unwrap_or_default();
        ensure!(!host.is_empty(), "url: {url}: no host");
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => bail!("url: {url}: neither https:// nor http://"),
        };
        let inside = uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        ensure!(
            !inside,
            "url: user and password go into user and password_file"
        );
        let time = settings.timeout_s;
        ensure!(
            (1..=300).contains(&time),
            "timeout_s: {time}: not in 1 to 300"
        );
        let authorization = authorization(settings)?;
        ensure!(
            authorization.is_none() || encrypted || is_loopback(host) || settings.insecure,
            "url: {url}: would send a secret in the clear; https://, or insecure = true"
        );
        let mut config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(time)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(HEAD)
            .max_idle_connections(0)
            .proxy(None)
            .user_agent(concat!("bellwether-agent/", env!("CARGO_PKG_VERSION")));
        if encrypted {
            let roots = roots(settings.ca_file.as_deref())?;
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let tls = TlsConfig::builder()
                .provider(TlsProvider::Rustls)
                .unversioned_rustls_crypto_provider(provider)
                .root_certs(RootCerts::new_with_certs(&roots));
            config = config.tls_config(tls.build());
        }
        Ok(Self {
            agent: config.build().new_agent(),
            url: url.clone(),
            authorization,
            patience: Duration::from_secs(settings.give_up_s),
            pause: PAUSE,
        })
    }

    /// Sends a record until it is taken.
    ///
    /// # Errors
    /// The server does not want it (an answer such as 400, or a redirection), or nobody took it in time.
    pub fn send(&mut self, record: &serde_json::Value) -> anyhow::Result<()> {
        let body = serde_json::to_vec(record)?;
        let start = Instant::now();
        let mut pause = self.pause;
        loop {
            let error = match self.attempt(&body) {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) => error,
            };
            let wait = scattered(pause);
            if start.elapsed() + wait > self.patience {
                return Err(error.context("given up"));
            }
            thread::sleep(wait);
            pause = (pause * 2).min(LONGEST);
        }
    }

    fn attempt(&self, body: &[u8]) -> Result<(), Failure> {
        let mut request = self.agent.post(&self.url);
        request = request.header("Content-Type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let answer = request.send(body);
        // The body of the answer stays unread; the connection goes with it.
        let status = match answer {
            Ok(answer) => answer.status().as_u16(),
            Err(error) => return Err(Failure::Passing(error.into())),
        };
        let error = || anyhow::anyhow!("{}: answers {status}", self.url);
        match status {
            200..=299 => Ok(()),
            408 | 425 | 429 | 500..=599 => Err(Failure::Passing(error())),
            _ => Err(Failure::Final(error())),
        }
    }
}

/// Half of a pause to all of it, so that ten thousand agents do not come back in the same second.
fn scattered(pause: Duration) -> Duration {
    let chance = RandomState::new().hash_one(0) as f64 / u64::MAX as f64;
    pause.mul_f64(0.5 + 0.5 * chance)
}

fn authorization(settings: &Settings) -> anyhow::Result<Option<String>> {
    match (
        &settings.user,
        &settings.password_file,
        &settings.token_file,
    ) {
        (None, None, None) => Ok(None),
        (None, None, Some(token)) => {
            let token = secret::line(token).context("token_file")?;
            Ok(Some(format!("Bearer {token}")))
        }
        (Some(user), Some(password), None) => {
            let password = secret::line(password).context("password_file")?;
            let usable = !user.contains(':') && !user.contains(char::is_control);
            ensure!(usable, "user: a colon or a control character");
            let both = STANDARD.encode(format!("{user}:{password}"));
            Ok(Some(format!("Basic {both}")))
        }
        _ => bail!("user goes with password_file, and both without token_file"),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let parsed = address.parse::<IpAddr>();
    host == "localhost" || parsed.is_ok_and(|address| address.is_loopback())
}

fn roots(file: Option<&Path>) -> anyhow::Result<Vec<Certificate<'static>>> {
    let system = || SYSTEM.iter().map(Path::new).find(|path| path.exists());
    let path = file.or_else(system).with_context(|| {
        let [debian, redhat] = SYSTEM;
        format!("ca_file: neither {debian} nor {redhat} is there")
    })?;
    let named = || format!("ca_file: {}", path.display());
    let pem = std::fs::read(path).with_context(named)?;
    let mut roots = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.with_context(named)? {
            roots.push(certificate);
        }
    }
    ensure!(!roots.is_empty(), "{}: no certificate", named());
    Ok(roots)
}

#[cfg(test)]
mod tests;
