//! TLS to the broker: rustls with ring, the roots of a file, and a certificate of the agent's own if given.

use super::secret;
use super::settings::Tls;
use anyhow::{Context as _, ensure};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// Reads the files.
///
/// # Errors
/// A file cannot be read or has nothing usable, the key is not secret, or one of `cert` and `key` is missing.
pub fn config(settings: &Tls) -> anyhow::Result<Arc<ClientConfig>> {
    let certificates = |path: &PathBuf| -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let text = fs::read(path).with_context(|| format!("{}", path.display()))?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let found = found.with_context(|| format!("{}", path.display()))?;
        ensure!(!found.is_empty(), "{}: no certificate", path.display());
        Ok(found)
    };
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(certificates(&settings.ca)?);
    ensure!(
        usable > 0,
        "{}: no usable certificate",
        settings.ca.display()
    );
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let config = match (&settings.cert, &settings.key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(cert), Some(key)) => {
            let name = || format!("{}", key.display());
            let private = PrivateKeyDer::from_pem_slice(&secret::read(key)?).with_context(name)?;
            let chain = certificates(cert)?;
            builder
                .with_client_auth_cert(chain, private)
                .with_context(name)?
        }
        _ => anyhow::bail!("`cert` and `key` need each other"),
    };
    Ok(Arc::new(config))
}
