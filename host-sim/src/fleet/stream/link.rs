//! The connection to a server, and the names that are used there.

use crate::fleet::plan::Plan;
use anyhow::{Context as _, bail, ensure};
use async_nats::ConnectOptions;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull::Batch;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{Config, LastRawMessageErrorKind, StorageType, Stream};
use async_nats::jetstream::{self, Context};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// Time within which the server must take the first connection.
const FIRST: Duration = Duration::from_secs(10);
/// Time to wait for an answer.
const ANSWER: Duration = Duration::from_secs(5);

/// A server and a stream on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its address, such as `nats://127.0.0.1:4222` or `tls://USER:PASSWORD@HOST`.
    pub url: String,
    /// Name of the stream of frames.
    pub stream: String,
    /// Begin of all subjects.
    pub prefix: String,
    /// Credentials, as written by the server's tools.
    pub credentials: Option<PathBuf>,
    /// Certificates to trust, beside those of the system.
    pub authority: Option<PathBuf>,
}

/// The nodes of a replay; published behind the messages about each of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    /// Names, ascending.
    pub nodes: Vec<String>,
}

/// The runtime of a command: one thread, on which detectors and connection take turns.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.context("the runtime cannot be started")
}

/// A connection.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) context: Context,
    server: Server,
}

/// Whether a text may be a part of a stream's name and of a subject.
fn is_token(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !text.is_empty() && text.chars().all(plain)
}

/// A node's name as one part of a subject: other characters than letters, digits, `_` and `-` become `=` and
/// two hexadecimal digits.
pub(super) fn token(node: &str) -> String {
    let mut token = String::with_capacity(node.len());
    for byte in node.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => token.push(char::from(byte)),
            _ => token.push_str(&format!("={byte:02X}")),
        }
    }
    token
}

impl Link {
    /// Connects.
    ///
    /// # Errors
    /// A name is not allowed, credentials cannot be read, or the server does not answer.
    pub(super) async fn open(server: &Server) -> anyhow::Result<Self> {
        ensure!(
            is_token(&server.stream),
            "--stream {}: letters, digits, `_` and `-`",
            server.stream
        );
        ensure!(
            server.prefix.split('.').all(is_token),
            "--prefix {}: letters, digits, `_` and `-`, between dots",
            server.prefix
        );
        let mut options = ConnectOptions::new()
            .name("bellwether fleet")
            .connection_timeout(ANSWER);
        if let Some(path) = &server.credentials {
            let name = || path.display().to_string();
            let text = std::fs::read_to_string(path).with_context(name)?;
            options = options.credentials(&text).with_context(name)?;
        }
        if let Some(path) = &server.authority {
            options = options.add_root_certificates(path.clone());
        }
        let connected = tokio::time::timeout(FIRST, options.connect(server.url.as_str())).await;
        let connected = connected.with_context(|| format!("{}: no answer", server.url))?;
        let client = connected.with_context(|| format!("{}: no connection", server.url))?;
        let mut context = jetstream::new(client);
        context.set_timeout(ANSWER);
        Ok(Self {
            context,
            server: server.clone(),
        })
    }

    pub(super) fn frames(&self, node: &str) -> String {
        format!("{}.frames.{}", self.server.prefix, token(node))
    }

    pub(super) fn about(&self, node: &str) -> String {
        format!("{}.nodes.{}", self.server.prefix, token(node))
    }

    pub(super) fn abouts(&self) -> String {
        format!("{}.nodes.*", self.server.prefix)
    }

    pub(super) fn verdicts(&self, node: &str) -> String {
        format!("{}.verdicts.{}", self.server.prefix, token(node))
    }

    fn roll_subject(&self) -> String {
        format!("{}.roll", self.server.prefix)
    }

    fn plan_subject(&self) -> String {
        format!("{}.plan", self.server.prefix)
    }

    fn verdict_stream(&self) -> String {
        format!("{}-verdicts", self.server.stream)
    }

    async fn made(&self, name: String, subjects: Vec<String>) -> anyhow::Result<Stream> {
        let config = Config {
            name: name.clone(),
            subjects,
            storage: StorageType::File,
            allow_direct: true,
            ..Config::default()
        };
        let made = self.context.get_or_create_stream(config).await;
        made.with_context(|| {
            format!(
                "stream {name} on {} cannot be made (another stream may have its subjects: --prefix names others)",
                self.server.url
            )
        })
    }

    /// The stream of frames, made if there is none.
    pub(super) async fn make_frames(&self) -> anyhow::Result<Stream> {
        let prefix = &self.server.prefix;
        let subjects = ["frames.*", "nodes.*", "roll"].map(|end| format!("{prefix}.{end}"));
        self.made(self.server.stream.clone(), subjects.to_vec())
            .await
    }

    /// The stream of frames.
    pub(super) async fn open_frames(&self) -> anyhow::Result<Stream> {
        let name = &self.server.stream;
        let found = self.context.get_stream(name).await;
        found.with_context(|| {
            format!(
                "no stream {name} on {}: `bellwether fleet replay` makes it",
                self.server.url
            )
        })
    }

    /// The stream of verdicts, made if there is none.
    pub(super) async fn make_verdicts(&self) -> anyhow::Result<Stream> {
        let prefix = &self.server.prefix;
        let subjects = ["verdicts.*", "plan"].map(|end| format!("{prefix}.{end}"));
        self.made(self.verdict_stream(), subjects.to_vec()).await
    }

    /// The stream of verdicts.
    pub(super) async fn open_verdicts(&self) -> anyhow::Result<Stream> {
        let found = self.context.get_stream(self.verdict_stream()).await;
        found.with_context(|| {
            format!(
                "no verdicts of {} on {}: `bellwether fleet serve` publishes them",
                self.server.stream, self.server.url
            )
        })
    }

    /// The nodes of the replay, if all are known.
    pub(super) async fn roll(&self, frames: &Stream) -> anyhow::Result<Option<Roll>> {
        let found = last(frames, &self.roll_subject()).await?;
        let read = found.map(|message| serde_json::from_slice(&message.payload));
        read.transpose().context("the roll of the nodes")
    }

    /// Publishes the nodes of a replay, which are the same when it is resumed.
    pub(super) async fn call(&self, frames: &Stream, roll: &Roll) -> anyhow::Result<()> {
        if let Some(known) = self.roll(frames).await? {
            ensure!(
                known == *roll,
                "stream {} is of another replay, with {} nodes: name another one, and another --prefix",
                self.server.stream,
                known.nodes.len()
            );
            return Ok(());
        }
        let bytes = serde_json::to_vec(roll)?;
        self.context
            .publish(self.roll_subject(), bytes.into())
            .await?
            .await?;
        Ok(())
    }

    /// The way in which verdicts are made, once there is one.
    pub(super) async fn plan(&self, verdicts: &Stream) -> anyhow::Result<Option<Plan>> {
        let found = last(verdicts, &self.plan_subject()).await?;
        let read = found.map(|message| serde_json::from_slice(&message.payload));
        read.transpose().context("the plan of the verdicts")
    }

    /// Makes sure that all workers judge in the same way: the first one's plan counts.
    pub(super) async fn agree(&self, verdicts: &Stream, plan: &Plan) -> anyhow::Result<()> {
        let bytes = serde_json::to_vec(plan)?;
        let message = jetstream::message::PublishMessage::build()
            .payload(bytes.into())
            .expected_last_subject_sequence(0);
        let sent = self
            .context
            .send_publish(self.plan_subject(), message)
            .await;
        // Refused if there is one already: then that one counts.
        if let Ok(acknowledged) = sent {
            let _ = acknowledged.await;
        }
        let found = self.plan(verdicts).await?;
        let found = found.context("the plan of the verdicts cannot be published")?;
        if let Some(difference) = found.difference(plan) {
            bail!("other workers judge in another way: {difference}");
        }
        Ok(())
    }
}

/// The next message of a request; `None` at its end. One whose answer was lost with the server ends too.
///
/// # Errors
/// The server cannot answer, or does not for a while.
pub(super) async fn next(messages: &mut Batch) -> Result<Option<Message>, async_nats::Error> {
    match tokio::time::timeout(ANSWER, messages.next()).await {
        Ok(message) => message.transpose(),
        Err(late) => Err(Box::new(late)),
    }
}

/// The last message of a subject, if there is one.
pub(super) async fn last(stream: &Stream, subject: &str) -> anyhow::Result<Option<StreamMessage>> {
    match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("subject {subject}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by two names of one subject, or by one that the server takes for a pattern.
    #[test]
    fn a_node_is_one_part_of_a_subject() {
        assert_eq!(token("r1n02"), "r1n02");
        assert_eq!(token("n1.a b*>"), "n1=2Ea=20b=2A=3E");
        assert_ne!(token("a=2E"), token("a."));
        assert!(is_token("march_1") && !is_token("a.b") && !is_token("") && !is_token("a*"));
    }
}
