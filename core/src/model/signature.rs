//! Signatures of models: Ed25519 (RFC 8032) over all bytes before the signature.

use super::{Model, ModelError, envelope, signature_of};
use ed25519_dalek::{Signature, VerifyingKey};

impl<'m> Model<'m> {
    /// [`parse`](Self::parse) for models of a known origin: only the signature of `key`'s holder is
    /// accepted. `key` is the 32 bytes of a public key.
    ///
    /// The checks come in this order. Magic, length, place and checksum cost one pass and
    /// distinguish damage (`Checksum`) from forgery (`Signature`). The signature comes second, so
    /// that no field of a stranger's model is interpreted before it. The content comes last.
    ///
    /// A signature does not say *when* the model was signed: an older model of the same holder is
    /// accepted as well.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); [`ModelError::Unsigned`] if the model has no signature,
    /// [`ModelError::Key`] if `key` cannot be used, [`ModelError::Signature`] if the signature is
    /// not that of `key` and these bytes.
    pub fn parse_signed(bytes: &'m [u8], key: &[u8; 32]) -> Result<Self, ModelError> {
        let end = envelope(bytes)?;
        check(bytes, key)?;
        Self::content(bytes, end)
    }

    /// Checks the signature of a model that was parsed without a key.
    ///
    /// # Errors
    /// [`ModelError::Unsigned`], [`ModelError::Key`] or [`ModelError::Signature`].
    pub fn verify(&self, key: &[u8; 32]) -> Result<(), ModelError> {
        check(self.bytes, key)
    }
}

/// Strict verification. It refuses keys and points of small order, with which one signature fits
/// many messages, and scalars that are not reduced, with which one message has many signatures.
fn check(bytes: &[u8], key: &[u8; 32]) -> Result<(), ModelError> {
    let (signature, message) = signature_of(bytes).ok_or(ModelError::Unsigned)?;
    let key = VerifyingKey::from_bytes(key).map_err(|_| ModelError::Key)?;
    if key.is_weak() {
        return Err(ModelError::Key);
    }
    key.verify_strict(message, &Signature::from_bytes(signature))
        .map_err(|_| ModelError::Signature)
}
