//! The sink: what is told goes into the queues, what is shown to the link.

use super::link::{self, Plan, Queues, Shared};
use super::message::Message;
use super::options;
use super::queue::Queue;
use super::scores::Scores;
use super::settings::{Settings, Which};
use super::topic;
use crate::event::Event;
use crate::sink::{Counts, Sink, Takes};
use crate::status::Status;
use anyhow::Context as _;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The link has this long to send what waits when the agent ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// The output.
pub struct Mqtt {
    prefix: String,
    which: Which,
    shared: Arc<Shared>,
    /// With confirmation, scores are queued here.
    scores: Option<Scores>,
    link: Option<thread::JoinHandle<()>>,
}

impl Mqtt {
    /// Opens the queues and starts the link. A broker that is away is no error.
    ///
    /// # Errors
    /// As [`options::check`], or the folder cannot be used.
    pub fn open(settings: &Settings, node: &str) -> anyhow::Result<Self> {
        options::check(settings)?;
        let prefix = topic::prefix(&settings.prefix, &settings.org, &settings.cluster, node)?;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now_ms = u64::try_from(now.as_millis()).unwrap_or_default();
        let open = |name: &str, durable| -> anyhow::Result<Queue> {
            let queue = Queue::open(
                &settings.queue.join(name),
                settings.queue_bytes,
                durable,
                now_ms,
            );
            let (queue, complaints) = queue.context("queue")?;
            for complaint in complaints {
                eprintln!("bellwether-agent: mqtt: {complaint}");
            }
            Ok(queue)
        };
        let confirmed = settings.data_qos == 1;
        let scores = if confirmed {
            Some(open("scores", false)?)
        } else {
            None
        };
        let shared = Arc::new(Shared::new(open("events", true)?, scores));
        let plan = Plan {
            options: Box::new({
                let (settings, node, prefix) = (settings.clone(), node.to_owned(), prefix.clone());
                move || options::next(&settings, &node, &prefix)
            }),
            prefix: prefix.clone(),
            scores: if confirmed {
                Which::Off
            } else {
                settings.scores
            },
            longest: Duration::from_secs(settings.retry_max_s.into()),
        };
        let link = thread::Builder::new().name("mqtt-link".into()).spawn({
            let shared = Arc::clone(&shared);
            move || link::run(&shared, &plan)
        })?;
        Ok(Self {
            scores: confirmed.then(|| Scores::new(prefix.clone(), settings.scores)),
            prefix,
            which: settings.scores,
            shared,
            link: Some(link),
        })
    }
}

impl Sink for Mqtt {
    fn name(&self) -> &'static str {
        "mqtt"
    }

    fn takes(&self) -> Takes {
        if self.which == Which::Off {
            Takes::Events
        } else {
            Takes::All
        }
    }

    fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.shared.counts)
    }

    fn tell(&mut self, event: &Event) -> anyhow::Result<()> {
        self.shared.put(|queues: &mut Queues| {
            let queue = &mut queues.events;
            let message = Message::event(&self.prefix, event, queue.next(), queue.largest())?;
            queue.push(&message.encode()?)?;
            Ok(())
        })
    }

    fn show(&mut self, status: &Arc<Status>) -> anyhow::Result<()> {
        let Some(scores) = &mut self.scores else {
            self.shared.show(status);
            return Ok(());
        };
        let messages = scores.messages(status);
        self.shared.put(|queues: &mut Queues| {
            let queue = queues.scores.as_mut().context("no queue of scores")?;
            for message in messages {
                queue.push(&message.encode()?)?;
            }
            Ok(())
        })
    }
}

impl Drop for Mqtt {
    /// Sends what waits, for a short time, then says farewell. A link that hangs is left behind.
    fn drop(&mut self) {
        let until = Instant::now() + FAREWELL;
        self.shared.end(until);
        let Some(link) = self.link.take() else { return };
        while !link.is_finished() && Instant::now() < until + FAREWELL {
            thread::sleep(Duration::from_millis(10));
        }
    }
}
