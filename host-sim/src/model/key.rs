//! Keys in files: PEM, as OpenSSL reads and writes it (`PRIVATE KEY` of PKCS#8, `PUBLIC KEY` of
//! X.509; RFC 8410).

use anyhow::{Context, anyhow, ensure};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::pkcs8::{KeypairBytes, spki};
use ed25519_dalek::{SigningKey, VerifyingKey};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A new key from the system's source of randomness.
///
/// # Errors
/// The system has no random numbers.
pub fn generate() -> anyhow::Result<SigningKey> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).context("the system's source of randomness")?;
    Ok(SigningKey::from_bytes(&secret))
}

/// Where the public part of the key in `path` goes: the same name with `.pub` behind it.
pub fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// Writes both parts of a key, the private one for its owner's eyes only, and returns where the
/// public one is.
///
/// # Errors
/// One of the files exists or cannot be written.
pub fn save(key: &SigningKey, path: &Path) -> anyhow::Result<PathBuf> {
    let public = public_path(path);
    for file in [path, &public] {
        ensure!(
            !file.exists(),
            "{}: exists; not overwritten",
            file.display()
        );
    }
    // Without the public part, which OpenSSL does not expect there.
    let pair = KeypairBytes {
        secret_key: key.to_bytes(),
        public_key: None,
    };
    let text = pair.to_pkcs8_pem(LineEnding::LF);
    let text = text.map_err(|error| anyhow!("writing the key: {error}"))?;
    create(path, 0o600, text.as_bytes())?;
    let text = key.verifying_key().to_public_key_pem(LineEnding::LF);
    let text = text.map_err(|error| anyhow!("writing the key: {error}"))?;
    create(&public, 0o644, text.as_bytes())?;
    Ok(public)
}

/// Writes a new file; the mode has a meaning on Unix only.
fn create(path: &Path, mode: u32, content: &[u8]) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().with_context(|| path.display().to_string())
}

/// Reads a private key.
///
/// # Errors
/// The file cannot be read, or has no key.
pub fn read_private(path: &Path) -> anyhow::Result<SigningKey> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(name)?;
    SigningKey::from_pkcs8_pem(&text)
        .map_err(|error| anyhow!("{}: no private key (PEM, Ed25519): {error}", name()))
}

/// Reads the 32 bytes of a public key.
///
/// # Errors
/// The file cannot be read, or has no key.
pub fn read_public(path: &Path) -> anyhow::Result<[u8; 32]> {
    let name = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(name)?;
    let key: Result<_, spki::Error> = VerifyingKey::from_public_key_pem(&text);
    key.map(|key| key.to_bytes())
        .map_err(|error| anyhow!("{}: no public key (PEM, Ed25519): {error}", name()))
}
