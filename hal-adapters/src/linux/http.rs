//! Connections to endpoints: one agent with bounds, that follows no redirect by itself.

use core::time::Duration;
use std::io;
use ureq::Agent;

/// An agent that waits no longer than the limit for a whole answer. `roots` are certificates in PEM that it trusts in
/// place of all others.
///
/// # Errors
/// There is no certificate in them, or this build has no TLS.
pub(crate) fn agent(limit: Duration, roots: Option<&[u8]>) -> io::Result<Agent> {
    let config = Agent::config_builder()
        .timeout_global(Some(limit))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_response_header_size(1 << 15)
        .max_idle_connections(2)
        .proxy(None)
        .user_agent("bellwether-agent");
    #[cfg(feature = "tls")]
    let config = config.tls_config(tls(roots)?);
    #[cfg(not(feature = "tls"))]
    if roots.is_some() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this build has no TLS",
        ));
    }
    Ok(config.build().into())
}

#[cfg(feature = "tls")]
fn tls(roots: Option<&[u8]>) -> io::Result<ureq::tls::TlsConfig> {
    use std::sync::Arc;
    use std::vec::Vec;
    use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    let mut certificates = Vec::new();
    let Some(roots) = roots else {
        // Nobody is trusted unless told.
        let none = RootCerts::new_with_certs(&certificates);
        return Ok(config.root_certs(none).build());
    };
    for item in parse_pem(roots).take(1000) {
        if let PemItem::Certificate(certificate) = item.map_err(io::Error::other)? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "no certificate in PEM",
        ));
    }
    Ok(config
        .root_certs(RootCerts::new_with_certs(&certificates))
        .build())
}
