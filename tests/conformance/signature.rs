//! Signed models: only the holder of the key is believed.

use bellwether::model::header::SIGNATURE_BYTES;
use bellwether::{Model, ModelError};
use bellwether_conformance::network::blob;
use bellwether_sim::model::Stored;
use bellwether_sim::model::blob::checksum;
use bellwether_sim::model::sign::sign;
use ed25519_dalek::{Signer, SigningKey};
use proptest::collection::vec;
use proptest::prelude::*;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

fn parse_signed(bytes: &[u8], key: &[u8; 32]) -> Result<(), ModelError> {
    Model::parse_signed(Stored::new(bytes).bytes(), key).map(|_| ())
}

/// Writes the checksum that fits.
fn mend(bytes: &mut [u8]) {
    let end = bytes.len() - 4;
    let sum = checksum(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
}

fn signed() -> Vec<u8> {
    sign(&blob().encode(None), &key(7)).expect("a model")
}

/// Where the signature stands.
fn signature(bytes: &[u8]) -> std::ops::Range<usize> {
    bytes.len() - 4 - SIGNATURE_BYTES..bytes.len() - 4
}

#[test]
fn a_signed_model_is_the_model_and_whose_it_is() {
    let (bytes, plain) = (signed(), blob().encode(None));
    assert_eq!(bytes.len(), plain.len() + SIGNATURE_BYTES);
    let stored = Stored::new(&bytes);
    let model = Model::parse_signed(stored.bytes(), &public(&key(7))).expect("signed");
    assert_eq!(model.verify(&public(&key(7))), Ok(()));
    assert_eq!(model.verify(&public(&key(8))), Err(ModelError::Signature));
    let (part, message) = model.signature().expect("signed");
    assert_eq!((part.len(), message.len()), (64, plain.len() - 4));
    // All but the length, the flag and the end is the unsigned model.
    let mut same = bytes[..plain.len() - 4].to_vec();
    same[8..12].copy_from_slice(&plain[8..12]);
    same[25] = 0;
    assert_eq!(same, plain[..plain.len() - 4]);
    assert_eq!(
        parse_signed(&bytes, &public(&key(8))),
        Err(ModelError::Signature)
    );
}

#[test]
fn signing_again_replaces_the_signature() {
    let again = sign(&signed(), &key(9)).expect("a model");
    assert_eq!(again, sign(&blob().encode(None), &key(9)).expect("a model"));
    assert_eq!(sign(&signed(), &key(7)), Ok(signed()));
}

#[test]
fn a_model_without_a_signature_is_refused() {
    let plain = blob().encode(None);
    let refused = Err(ModelError::Unsigned);
    assert_eq!(parse_signed(&plain, &public(&key(7))), refused);
    assert_eq!(parse_signed(&plain, &[0; 32]), refused);
    let stored = Stored::new(&plain);
    let model = Model::parse(stored.bytes()).expect("a model");
    assert_eq!(model.verify(&public(&key(7))), refused);
}

/// Broken by a byte that the signature does not cover, and by an order of checks in which a
/// stranger's content is interpreted: every field is wrong once, and none is blamed.
#[test]
fn every_changed_bit_is_a_false_signature_and_no_content() {
    let (bytes, key) = (signed(), public(&key(7)));
    for at in 12..bytes.len() - 4 {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let refused = parse_signed(&damaged, &key).expect_err("damaged");
            assert!(matches!(refused, ModelError::Checksum { .. }), "byte {at}");
            mend(&mut damaged);
            let wanted = if at == 25 {
                ModelError::Unsigned
            } else {
                ModelError::Signature
            };
            assert_eq!(
                parse_signed(&damaged, &key),
                Err(wanted),
                "byte {at}, bit {bit}"
            );
        }
    }
}

/// Broken by a signature that is taken for a proof of sense.
#[test]
fn signed_nonsense_is_refused_by_its_place() {
    let mut bytes = signed();
    bytes[38] = 1;
    let place = signature(&bytes);
    let part = key(7).sign(&bytes[..place.start]).to_bytes();
    bytes[place].copy_from_slice(&part);
    mend(&mut bytes);
    assert_eq!(
        parse_signed(&bytes, &public(&key(7))),
        Err(ModelError::Content { offset: 38 })
    );
    assert_eq!(
        sign(&bytes, &key(7)),
        Err(ModelError::Content { offset: 38 })
    );
}

/// The points of order 1, 2, 4 and 8, little-endian, and encodings of two of them that are not
/// reduced: anybody can sign for them.
#[test]
fn keys_for_which_anybody_can_sign_are_no_keys() {
    let eighth = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let other = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    let texts = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        eighth,
        &eighth.replace("fc05", "fc85"),
        other,
        &other.replace("037a", "03fa"),
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for text in texts {
        let byte = |k| u8::from_str_radix(&text[2 * k..2 * k + 2], 16).expect("digits");
        let weak: [u8; 32] = std::array::from_fn(byte);
        assert_eq!(
            parse_signed(&signed(), &weak),
            Err(ModelError::Key),
            "{text}"
        );
    }
    // The neutral point as key and as R with S = 0 satisfies the equation for every message.
    let mut forged = signed();
    let place = signature(&forged);
    forged[place.clone()].fill(0);
    forged[place.start] = 1;
    mend(&mut forged);
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(parse_signed(&forged, &neutral), Err(ModelError::Key));
    assert_eq!(
        parse_signed(&forged, &public(&key(7))),
        Err(ModelError::Signature)
    );
}

/// y = 2 is on no point of the curve: (y² - 1) / (d·y² + 1) has no square root.
#[test]
fn bytes_that_are_no_point_are_no_key() {
    let mut key = [0; 32];
    key[0] = 2;
    assert_eq!(parse_signed(&signed(), &key), Err(ModelError::Key));
}

/// Broken by a check that lets a message have several signatures: S + L is S to the equation.
#[test]
fn a_scalar_that_is_not_reduced_is_refused() {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = signed();
    let scalar = signature(&bytes).start + 32;
    let mut carry = 0;
    for (byte, order) in bytes[scalar..scalar + 32].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0);
    mend(&mut bytes);
    assert_eq!(
        parse_signed(&bytes, &public(&key(7))),
        Err(ModelError::Signature)
    );
}

proptest! {
    #[test]
    fn random_bytes_never_panic(
        mut bytes in vec(any::<u8>(), 0..400),
        key in any::<[u8; 32]>(),
        mended in any::<bool>(),
    ) {
        if mended && bytes.len() >= 96 {
            bytes[..6].copy_from_slice(b"BWMB\x01\x00");
            let length = (bytes.len() as u32).to_le_bytes();
            bytes[8..12].copy_from_slice(&length);
            bytes[25] = 1;
            mend(&mut bytes);
            let refused = parse_signed(&bytes, &key).expect_err("random");
            prop_assert!(matches!(refused, ModelError::Key | ModelError::Signature));
        } else {
            prop_assert!(parse_signed(&bytes, &key).is_err());
        }
    }
}
