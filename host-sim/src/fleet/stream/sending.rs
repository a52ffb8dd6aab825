//! Messages on their way to the server: many at a time, each repeated until the server has it.

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::time::Duration;

/// Messages on their way, at most. A replay that is resumed begins as many frames before the last one.
pub(super) const WINDOW: usize = 256;
/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) subject: String,
    /// The number by which the server knows it, if it comes again.
    pub(super) id: String,
    pub(super) payload: Vec<u8>,
}

/// Messages on their way, oldest first.
pub(super) struct Sending {
    context: Context,
    window: VecDeque<(Letter, Option<PublishAckFuture>)>,
}

impl Sending {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context,
            window: VecDeque::new(),
        }
    }

    /// Sends a message; waits for the oldest one if too many are on their way.
    ///
    /// # Errors
    /// The server will never take it.
    pub(super) async fn send(&mut self, letter: Letter) -> anyhow::Result<()> {
        if self.window.len() >= WINDOW {
            self.settle().await?;
        }
        let sent = self.post(&letter).await?;
        self.window.push_back((letter, sent));
        Ok(())
    }

    /// Waits until the server has all messages.
    ///
    /// # Errors
    /// The server will never take one.
    pub(super) async fn flush(&mut self) -> anyhow::Result<()> {
        while !self.window.is_empty() {
            self.settle().await?;
        }
        Ok(())
    }

    async fn post(&self, letter: &Letter) -> anyhow::Result<Option<PublishAckFuture>> {
        let message = PublishMessage::build()
            .payload(letter.payload.clone().into())
            .message_id(&letter.id);
        match self
            .context
            .send_publish(letter.subject.clone(), message)
            .await
        {
            Ok(sent) => Ok(Some(sent)),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                Err(anyhow::Error::from(error).context(letter.id.clone()))
            }
            Err(_) => Ok(None),
        }
    }

    /// Waits for the oldest message, and sends it again until the server has it.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let Some((letter, mut sent)) = self.window.pop_front() else {
            return Ok(());
        };
        let mut said = false;
        loop {
            match sent {
                Some(future) => match future.await {
                    Ok(_) => return Ok(()),
                    Err(error) if !said => {
                        let _ = writeln!(io::stderr(), "{}: {error}; again", letter.id);
                        said = true;
                    }
                    Err(_) => {}
                },
                None => said = true,
            }
            tokio::time::sleep(PAUSE).await;
            sent = self.post(&letter).await?;
        }
    }
}
