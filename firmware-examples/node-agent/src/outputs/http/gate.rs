//! The gate of the listener: who may see its pages.

use super::Settings;
use crate::outputs::secret;
use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::str::FromStr as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// The dearest hash that is accepted: a check of cost 14 takes about a second.
const DEAREST: u32 = 14;

/// Time that a wrong password costs.
const PENALTY: Duration = Duration::from_millis(500);

type Hash = [u8; 32];

/// A token or users, or nobody, which lets everybody in.
pub struct Gate {
    token: Option<Hash>,
    users: Vec<User>,
    /// The credentials that passed last, so that a scraper costs one slow hash in the agent's life.
    passed: Mutex<Option<Hash>>,
    /// One slow check at a time.
    checking: Mutex<()>,
}

struct User {
    name: String,
    hash: String,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(secret: &[u8]) -> Hash {
    Sha256::digest(secret).into()
}

fn equal(a: &Hash, b: &Hash) -> bool {
    a.ct_eq(b).into()
}

impl Gate {
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let token = settings.token_file.as_deref().map(secret::line);
        let token = token.transpose().context("token_file")?;
        if let Some(token) = &token {
            // It is compared by a fast hash, which only a secret that nobody can guess stands.
            ensure!(token.len() >= 16, "token_file: less than 16 characters");
        }
        let users = settings.users_file.as_deref().map(secret::read);
        let users = users.transpose().context("users_file")?;
        let users = users.map(|users| parse(&users)).transpose()?;
        Ok(Self {
            token: token.map(|token| hash(token.as_bytes())),
            users: users.unwrap_or_default(),
            passed: Mutex::default(),
            checking: Mutex::default(),
        })
    }

    /// Whether pages need an authorization.
    pub const fn is_closed(&self) -> bool {
        self.token.is_some() || !self.users.is_empty()
    }

    /// Whether a request with this header `Authorization` may pass. Takes the time of a slow hash for a password
    /// that did not pass just before.
    pub fn admits(&self, authorization: Option<&[u8]>) -> bool {
        if !self.is_closed() {
            return true;
        }
        let Some(authorization) = authorization.and_then(|text| str::from_utf8(text).ok()) else {
            return false;
        };
        let Some((scheme, credentials)) = authorization.trim().split_once(' ') else {
            return false;
        };
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            let given = hash(credentials.as_bytes());
            self.token.is_some_and(|token| equal(&token, &given))
        } else if scheme.eq_ignore_ascii_case("basic") {
            !self.users.is_empty() && self.knows(credentials)
        } else {
            false
        }
    }

    fn knows(&self, credentials: &str) -> bool {
        let given = hash(credentials.as_bytes());
        if lock(&self.passed).is_some_and(|passed| equal(&passed, &given)) {
            return true;
        }
        let Ok(plain) = STANDARD.decode(credentials) else {
            return false;
        };
        let Some(colon) = plain.iter().position(|&byte| byte == b':') else {
            return false;
        };
        let (name, password) = plain.split_at(colon);
        let password = password.get(1..).unwrap_or_default();
        let _one = lock(&self.checking);
        let named = self.users.iter().find(|user| user.name.as_bytes() == name);
        // An unknown name takes as long as a known one.
        let Some(user) = named.or(self.users.first()) else {
            return false;
        };
        let fits = bcrypt::verify(password, &user.hash).unwrap_or(false);
        let passes = fits && named.is_some();
        if passes {
            *lock(&self.passed) = Some(given);
        } else {
            thread::sleep(PENALTY);
        }
        passes
    }
}

/// Reads lines `NAME:HASH`. Empty ones and those with a `#` in front are skipped.
fn parse(file: &[u8]) -> anyhow::Result<Vec<User>> {
    let text = str::from_utf8(file).context("users_file")?;
    let mut users = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let user = line.split_once(':').and_then(|(name, hash)| {
            let parts = bcrypt::HashParts::from_str(hash).ok()?;
            let (name, hash) = (name.to_owned(), hash.to_owned());
            (parts.get_cost() <= DEAREST).then_some(User { name, hash })
        });
        // The line itself is not told: a password may be in it.
        users.push(user.with_context(|| {
            format!("users_file: line {number}: no NAME:$2y$… of bcrypt with a cost of at most {DEAREST}")
        })?);
    }
    ensure!(!users.is_empty(), "users_file: no user");
    Ok(users)
}

#[cfg(test)]
mod tests;
