//! Signing a model's bytes (`docs/formats/model-blob.md`, Signature), from any writer.

use super::blob::checksum;
use super::stored::Stored;
use bellwether::model::header::{CHECKSUM_BYTES, SIGNATURE_BYTES};
use bellwether::{Model, ModelError};
use ed25519_dalek::{Signer, SigningKey};

/// Position of the model's length in the header.
const LENGTH: std::ops::Range<usize> = 8..12;
/// Position of the signature's flag in the header.
const SIGNED: usize = 25;

/// The same model, signed with `key`. An existing signature is replaced.
///
/// # Errors
/// The library refuses the model, before or after.
pub fn sign(bytes: &[u8], key: &SigningKey) -> Result<Vec<u8>, ModelError> {
    let stored = Stored::new(bytes);
    let model = Model::parse(stored.bytes())?;
    let mut out = match model.signature() {
        Some((_, message)) => message.to_vec(),
        None => bytes[..bytes.len() - CHECKSUM_BYTES].to_vec(),
    };
    let total = (out.len() + SIGNATURE_BYTES + CHECKSUM_BYTES) as u32;
    out[LENGTH].copy_from_slice(&total.to_le_bytes());
    out[SIGNED] = 1;
    let signature = key.sign(&out);
    out.extend_from_slice(&signature.to_bytes());
    let sum = checksum(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    let stored = Stored::new(&out);
    Model::parse_signed(stored.bytes(), key.verifying_key().as_bytes()).map(|_| out)
}
