//! The message server of a fleet, as arguments.

use crate::fleet::stream::Server;
use std::path::PathBuf;

/// A server.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Message server")]
pub struct ServerArgs {
    /// Address of a NATS server with JetStream, such as nats://127.0.0.1:4222 or tls://USER:PASSWORD@HOST
    #[arg(long, value_name = "URL")]
    nats: String,
    /// The stream of frames; verdicts go to NAME-verdicts
    #[arg(long, value_name = "NAME")]
    stream: String,
    #[command(flatten)]
    more: More,
}

/// A server that may be absent.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Message server")]
pub struct OptionalServer {
    /// Address of a NATS server, to merge the verdicts there instead of files
    #[arg(long, value_name = "URL", requires = "stream")]
    nats: Option<String>,
    /// The stream of frames
    #[arg(long, value_name = "NAME", requires = "nats")]
    stream: Option<String>,
    #[command(flatten)]
    more: More,
}

/// Options that both have.
#[derive(Clone, Debug, clap::Args)]
struct More {
    /// Begin of all subjects: PREFIX.frames.NODE, PREFIX.verdicts.NODE
    #[arg(long, value_name = "PREFIX", default_value = "bellwether")]
    prefix: String,
    /// Credentials for the server, in a file of its own tools
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Certificates to trust, beside those of the system
    #[arg(long, value_name = "FILE.pem")]
    authority: Option<PathBuf>,
}

impl ServerArgs {
    /// The server.
    pub fn server(&self) -> Server {
        self.more.of(&self.nats, &self.stream)
    }
}

impl OptionalServer {
    /// The server, if one is given.
    pub fn given(&self) -> Option<Server> {
        let given = self.nats.as_ref().zip(self.stream.as_ref());
        given.map(|(nats, stream)| self.more.of(nats, stream))
    }
}

impl More {
    fn of(&self, url: &str, stream: &str) -> Server {
        Server {
            url: url.to_owned(),
            stream: stream.to_owned(),
            prefix: self.prefix.clone(),
            credentials: self.credentials.clone(),
            authority: self.authority.clone(),
        }
    }
}
