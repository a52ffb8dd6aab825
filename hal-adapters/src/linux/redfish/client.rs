//! Requests to a controller: bounded, logged in, and never led to another machine.

use super::Settings;
use super::answers::local;
use crate::linux::http;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use core::fmt;
use serde::de::DeserializeOwned;
use std::borrow::ToOwned;
use std::format;
use std::io::{self, Read};
use std::net::IpAddr;
use std::string::{String, ToString};
use std::vec::Vec;
use ureq::Agent;
use ureq::http::Response;

/// Bytes of an answer, at most.
const BYTES_MAX: u64 = 4 << 20;
/// Addresses that a resource may have moved to, one after another.
const MOVES_MAX: usize = 3;

/// Who asks.
#[derive(Clone, Default)]
pub enum Login {
    /// Nobody in particular.
    #[default]
    None,
    /// A user, with the password in each request.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A user in a session. Its token is renewed when the controller refuses it, and given back at the end.
    Session {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
}

impl fmt::Debug for Login {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Session { .. } => "Session",
        })
    }
}

/// The reason why a controller gave nothing.
#[derive(Debug)]
#[non_exhaustive]
pub enum RedfishError {
    /// It cannot be reached, or did not answer in time.
    Silent(String),
    /// It refuses the user.
    Refused,
    /// It answers with a status.
    Status(u16),
    /// It leads to another machine, or in a circle.
    Moved,
    /// Its answer is larger than 4 MiB.
    Large,
    /// Its answer is no JSON of the expected form.
    Garbage(String),
    /// It has no sensor or metric that is wanted.
    Empty,
    /// The address, the certificates or the user cannot be used.
    Settings(String),
}

impl RedfishError {
    /// Whether nothing came.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Silent(_))
    }
}

impl fmt::Display for RedfishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(reason) => write!(f, "no answer: {reason}"),
            Self::Refused => f.write_str("it refuses the user or the password"),
            Self::Status(status) => write!(f, "it answers with status {status}"),
            Self::Moved => f.write_str("it leads to another machine, or in a circle"),
            Self::Large => f.write_str("an answer of more than 4 MiB"),
            Self::Garbage(reason) => write!(f, "no JSON as expected: {reason}"),
            Self::Empty => f.write_str("no sensor or metric that is wanted"),
            Self::Settings(reason) => f.write_str(reason),
        }
    }
}

impl core::error::Error for RedfishError {}

/// A controller and the session with it.
pub(super) struct Client {
    agent: Agent,
    url: String,
    login: Login,
    token: Option<Token>,
}

struct Token {
    text: String,
    /// The session's address, where it is ended.
    path: Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(settings: &Settings) -> Result<Self, RedfishError> {
        let url = settings.url.trim_end_matches('/').to_owned();
        check(&url, settings)?;
        let agent = http::agent(settings.limit, settings.roots.as_deref());
        let agent = agent.map_err(|error| RedfishError::Settings(error.to_string()))?;
        Ok(Self {
            agent,
            url,
            login: settings.login.clone(),
            token: None,
        })
    }

    /// The answer of a path.
    pub(super) fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, RedfishError> {
        let mut path = path.to_owned();
        for _ in 0..=MOVES_MAX {
            let answer = self.ask(&path)?;
            match answer.status().as_u16() {
                200 => {
                    let body = body(answer)?;
                    let garbage =
                        |error: serde_json::Error| RedfishError::Garbage(error.to_string());
                    return serde_json::from_slice(&body).map_err(garbage);
                }
                301 | 302 | 303 | 307 | 308 => {
                    path = self.moved(&answer).ok_or(RedfishError::Moved)?;
                }
                401 | 403 => return Err(RedfishError::Refused),
                status => return Err(RedfishError::Status(status)),
            }
        }
        Err(RedfishError::Moved)
    }

    /// Asks, and once more in a new session if the last one is over.
    fn ask(&mut self, path: &str) -> Result<Response<ureq::Body>, RedfishError> {
        let fresh = self.token.is_none();
        let answer = self.send(path)?;
        let session = matches!(self.login, Login::Session { .. });
        if answer.status() == 401 && session && !fresh {
            self.token = None;
            return self.send(path);
        }
        Ok(answer)
    }

    fn send(&mut self, path: &str) -> Result<Response<ureq::Body>, RedfishError> {
        // The root is for everybody; all else is asked for in the session.
        if matches!(self.login, Login::Session { .. })
            && self.token.is_none()
            && path != "/redfish/v1/"
        {
            self.token = Some(self.start()?);
        }
        let request = self.agent.get(format!("{}{path}", self.url));
        let mut request = request
            .header("Accept", "application/json")
            .header("OData-Version", "4.0");
        match (&self.login, &self.token) {
            (Login::Basic { user, password }, _) => {
                request = request.header("Authorization", basic(user, password));
            }
            (Login::Session { .. }, Some(token)) => {
                request = request.header("X-Auth-Token", &token.text);
            }
            _ => {}
        }
        request.call().map_err(silent)
    }

    /// Starts a session.
    fn start(&self) -> Result<Token, RedfishError> {
        let Login::Session { user, password } = &self.login else {
            return Err(RedfishError::Refused);
        };
        let who = serde_json::json!({ "UserName": user, "Password": password }).to_string();
        let request = self
            .agent
            .post(format!("{}/redfish/v1/SessionService/Sessions", self.url));
        let answer = request
            .header("Content-Type", "application/json")
            .send(who)
            .map_err(silent)?;
        let header = |name| {
            answer
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        match (answer.status().as_u16(), header("X-Auth-Token")) {
            (200 | 201, Some(token)) => Ok(Token {
                text: token.to_owned(),
                path: header("Location").and_then(|place| self.own(place)),
            }),
            (200 | 201 | 401 | 403, _) => Err(RedfishError::Refused),
            (status, _) => Err(RedfishError::Status(status)),
        }
    }

    /// The path that a resource has moved to, on the same controller.
    fn moved(&self, answer: &Response<ureq::Body>) -> Option<String> {
        self.own(answer.headers().get("Location")?.to_str().ok()?)
    }

    /// The path of an address of this controller.
    fn own(&self, address: &str) -> Option<String> {
        let path = address.strip_prefix(self.url.as_str()).unwrap_or(address);
        local(path).map(ToOwned::to_owned)
    }
}

impl Drop for Client {
    /// Ends the session: controllers allow only a few.
    fn drop(&mut self) {
        if let Some(Token {
            text,
            path: Some(path),
        }) = self.token.take()
        {
            let request = self.agent.delete(format!("{}{path}", self.url));
            let _ = request.header("X-Auth-Token", text).call();
        }
    }
}

/// Passwords go encrypted, or no further than this machine.
fn check(url: &str, settings: &Settings) -> Result<(), RedfishError> {
    let wrong = |text: &str| Err(RedfishError::Settings(text.to_owned()));
    let Some((scheme, host)) = url.split_once("://") else {
        return wrong("an address begins with https:// or http://");
    };
    if host.contains(['/', '@', '?', '#']) || host.is_empty() {
        return wrong("an address is a host and perhaps a port");
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let address: Option<IpAddr> = name.trim_matches(['[', ']']).parse().ok();
    let loopback = name == "localhost" || address.is_some_and(|address| address.is_loopback());
    match scheme {
        "https" if settings.roots.is_none() => wrong("https needs a file of certificates"),
        "https" => Ok(()),
        "http" if matches!(settings.login, Login::None) || loopback => Ok(()),
        "http" => wrong("no password without encryption: use https"),
        _ => wrong("an address begins with https:// or http://"),
    }
}

fn silent(error: ureq::Error) -> RedfishError {
    RedfishError::Silent(error.to_string())
}

fn body(mut answer: Response<ureq::Body>) -> Result<Vec<u8>, RedfishError> {
    let mut body = Vec::new();
    let mut reader = answer.body_mut().as_reader().take(BYTES_MAX + 1);
    let read: io::Result<usize> = reader.read_to_end(&mut body);
    read.map_err(|error| RedfishError::Silent(error.to_string()))?;
    if body.len() as u64 > BYTES_MAX {
        Err(RedfishError::Large)
    } else {
        Ok(body)
    }
}

/// The header of a user.
fn basic(user: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{user}:{password}"))
    )
}
