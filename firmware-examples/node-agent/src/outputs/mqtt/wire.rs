//! The two versions of the protocol behind one face.

use super::message::Message;
use super::settings::Version;
use anyhow::{anyhow, bail};
use rumqttc::{Outgoing, TlsConfiguration, Transport, v5};
use rustls::ClientConfig;
use std::sync::Arc;
use std::time::Duration;

/// Messages that are on their way at a time.
pub const WINDOW: u16 = 16;

/// Messages that the client takes before they are on their way.
const HANDED: usize = 32;

/// The largest packet that is sent or taken.
const PACKET: usize = 512 * 1024;

/// The needs of a connection.
pub struct Options {
    pub version: Version,
    pub host: String,
    pub port: u16,
    pub client_id: String,
    pub keep_alive: Duration,
    pub login: Option<(String, String)>,
    pub tls: Option<Arc<ClientConfig>>,
    /// Published by the broker when the connection is lost.
    pub will: Message,
}

/// The end that sends.
pub enum Client {
    V4(rumqttc::AsyncClient),
    V5(v5::AsyncClient),
}

/// The end that works and reports.
pub enum Connection {
    V4(Box<rumqttc::EventLoop>),
    V5(Box<v5::EventLoop>),
}

/// News of a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// The broker has let us in.
    Open,
    /// A message with confirmation has left under this identifier, in the order in which they were published.
    Sent(u16),
    /// The broker has taken it.
    Confirmed(u16),
    /// The broker will never take it.
    Refused(u16, String),
    /// The message handed over last is larger than the broker takes; the connection is over.
    TooLarge,
    /// Our farewell has left.
    Closed,
    /// Nothing of interest.
    Other,
}

/// Prepares a connection. It begins with the first [`Connection::next`].
pub fn open(options: Options) -> (Client, Connection) {
    let transport = options
        .tls
        .map(|config| Transport::tls_with_config(TlsConfiguration::Rustls(config)));
    let will = options.will;
    match options.version {
        Version::V4 => {
            let mut set = rumqttc::MqttOptions::new(options.client_id, options.host, options.port);
            set.set_keep_alive(options.keep_alive);
            set.set_inflight(WINDOW);
            set.set_max_packet_size(PACKET, PACKET);
            let qos = rumqttc::QoS::AtLeastOnce;
            set.set_last_will(rumqttc::LastWill::new(
                will.topic,
                will.payload,
                qos,
                will.retain,
            ));
            if let Some((user, password)) = options.login {
                set.set_credentials(user, password);
            }
            if let Some(transport) = transport {
                set.set_transport(transport);
            }
            let (client, events) = rumqttc::AsyncClient::new(set, HANDED);
            (Client::V4(client), Connection::V4(Box::new(events)))
        }
        Version::V5 => {
            let mut set = v5::MqttOptions::new(options.client_id, options.host, options.port);
            set.set_keep_alive(options.keep_alive);
            set.set_outgoing_inflight_upper_limit(WINDOW);
            set.set_max_packet_size(Some(PACKET as u32));
            let qos = v5::mqttbytes::QoS::AtLeastOnce;
            let will =
                v5::mqttbytes::v5::LastWill::new(will.topic, will.payload, qos, will.retain, None);
            set.set_last_will(will);
            if let Some((user, password)) = options.login {
                set.set_credentials(user, password);
            }
            if let Some(transport) = transport {
                set.set_transport(transport);
            }
            let (client, events) = v5::AsyncClient::new(set, HANDED);
            (Client::V5(client), Connection::V5(Box::new(events)))
        }
    }
}

impl Client {
    /// Hands over a message, with confirmation or without. It waits while too many are on their way.
    pub async fn publish(&self, message: Message, confirmed: bool) -> anyhow::Result<()> {
        let Message {
            topic,
            payload,
            retain,
        } = message;
        match self {
            Self::V4(client) => {
                use rumqttc::QoS::{AtLeastOnce, AtMostOnce};
                let qos = if confirmed { AtLeastOnce } else { AtMostOnce };
                client.publish(topic, qos, retain, payload).await?;
            }
            Self::V5(client) => {
                use v5::mqttbytes::QoS::{AtLeastOnce, AtMostOnce};
                let qos = if confirmed { AtLeastOnce } else { AtMostOnce };
                client.publish(topic, qos, retain, payload).await?;
            }
        }
        Ok(())
    }

    /// Says farewell: the broker then keeps the will to itself.
    pub async fn disconnect(&self) -> anyhow::Result<()> {
        match self {
            Self::V4(client) => client.disconnect().await?,
            Self::V5(client) => client.disconnect().await?,
        }
        Ok(())
    }
}

impl Connection {
    /// Works until there is news.
    ///
    /// # Errors
    /// The connection is over, or could not be made.
    pub async fn next(&mut self) -> anyhow::Result<News> {
        match self {
            // These errors name their causes themselves.
            Self::V4(events) => news_v4(events.poll().await.map_err(|error| anyhow!("{error}"))?),
            Self::V5(events) => match events.poll().await {
                Ok(event) => news_v5(event),
                Err(error) if too_large(&error) => Ok(News::TooLarge),
                Err(error) => Err(anyhow!("{error}")),
            },
        }
    }
}

fn news_v4(event: rumqttc::Event) -> anyhow::Result<News> {
    use rumqttc::{Event, Packet};
    Ok(match event {
        Event::Incoming(Packet::ConnAck(_)) => News::Open,
        Event::Incoming(Packet::PubAck(ack)) => News::Confirmed(ack.pkid),
        Event::Incoming(Packet::Publish(_)) => {
            bail!("the broker sends messages that nobody asked for")
        }
        Event::Incoming(_) => News::Other,
        Event::Outgoing(outgoing) => sent(&outgoing),
    })
}

fn news_v5(event: v5::Event) -> anyhow::Result<News> {
    use v5::mqttbytes::v5::{Packet, PubAckReason as Reason};
    Ok(match event {
        v5::Event::Incoming(Packet::ConnAck(_)) => News::Open,
        v5::Event::Incoming(Packet::PubAck(ack)) => match ack.reason {
            Reason::Success | Reason::NoMatchingSubscribers => News::Confirmed(ack.pkid),
            reason @ (Reason::NotAuthorized
            | Reason::TopicNameInvalid
            | Reason::PayloadFormatInvalid) => News::Refused(ack.pkid, format!("{reason:?}")),
            // It may take it later.
            reason => bail!("the broker did not take a message: {reason:?}"),
        },
        v5::Event::Incoming(Packet::Publish(_)) => {
            bail!("the broker sends messages that nobody asked for")
        }
        v5::Event::Incoming(Packet::Disconnect(farewell)) => {
            return Err(anyhow!(
                "the broker closes the connection: {:?}",
                farewell.reason_code
            ));
        }
        v5::Event::Incoming(_) => News::Other,
        v5::Event::Outgoing(outgoing) => sent(&outgoing),
    })
}

const fn sent(outgoing: &Outgoing) -> News {
    match outgoing {
        // Without confirmation there is no identifier.
        Outgoing::Publish(0) => News::Other,
        Outgoing::Publish(identifier) => News::Sent(*identifier),
        Outgoing::Disconnect => News::Closed,
        _ => News::Other,
    }
}

const fn too_large(error: &v5::ConnectionError) -> bool {
    use v5::mqttbytes::Error::OutgoingPacketTooLarge;
    matches!(
        error,
        v5::ConnectionError::MqttState(
            v5::StateError::OutgoingPacketTooLarge { .. }
                | v5::StateError::Deserialization(OutgoingPacketTooLarge { .. })
        )
    )
}
