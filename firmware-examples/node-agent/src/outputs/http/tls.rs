//! TLS in front of the listener.

use super::Settings;
use super::timed::Timed;
use crate::outputs::secret;
use anyhow::{Context as _, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{self, Write as _};
use std::sync::Arc;

/// A certificate and its key.
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// `None` without a certificate.
    pub fn new(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let (Some(certificate), Some(key)) = (&settings.certificate_file, &settings.key_file)
        else {
            return Ok(None);
        };
        let named = || format!("certificate_file: {}", certificate.display());
        let pem = fs::read(certificate).with_context(named)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let chain = chain.with_context(named)?;
        ensure!(!chain.is_empty(), "{}: no certificate", named());
        let named = || format!("key_file: {}", key.display());
        let pem = secret::read(key).context("key_file")?;
        let key = PrivateKeyDer::from_pem_slice(&pem).with_context(named)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("certificate_file, key_file")?;
        Ok(Some(Self(Arc::new(config))))
    }

    /// Serves a connection inside of TLS.
    pub fn serve(
        &self,
        stream: Timed,
        answer: impl FnOnce(&mut StreamOwned<ServerConnection, Timed>) -> io::Result<()>,
    ) -> io::Result<()> {
        let connection = ServerConnection::new(Arc::clone(&self.0)).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        answer(&mut stream)?;
        stream.conn.send_close_notify();
        stream.flush()?;
        stream.sock.close();
        Ok(())
    }
}
