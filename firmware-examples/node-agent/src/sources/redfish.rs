//! Management controllers, over Redfish.

use bellwether_hal::linux::probe::Probe;
use serde::Deserialize;
use std::path::PathBuf;

/// Section `[[sources.redfish]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redfish {
    /// Its name, the second part of the identities.
    pub name: String,
    /// Its address, as `https://10.1.0.7`.
    pub url: String,
    /// The user; without one, nobody logs in.
    #[serde(default)]
    pub user: Option<String>,
    /// File of the password, that nobody else may read.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Whether a session is started; otherwise the password is in each request.
    #[serde(default = "yes")]
    pub session: bool,
    /// File of the certificates that are trusted, in PEM.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Longest wait for one answer, in seconds.
    #[serde(default = "limit")]
    pub limit_s: u32,
    /// Longest time for all answers of a reading, in seconds.
    #[serde(default = "whole")]
    pub whole_s: u32,
    /// Least time between two readings, in seconds.
    #[serde(default = "period")]
    pub period_s: u32,
    /// Parts of identities; if there are any, only channels with one of them are read.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Parts of identities; channels with one of them are not read.
    #[serde(default)]
    pub deny: Vec<String>,
    /// Whether sensors of chassis are read.
    #[serde(default = "yes")]
    pub sensors: bool,
    /// Whether reports of the telemetry service are read.
    #[serde(default)]
    pub reports: bool,
}

fn yes() -> bool {
    true
}

fn limit() -> u32 {
    5
}

fn whole() -> u32 {
    20
}

fn period() -> u32 {
    30
}

#[cfg(not(feature = "redfish"))]
impl Redfish {
    pub(super) fn open(&self) -> anyhow::Result<Box<dyn Probe>> {
        anyhow::bail!(
            "[sources.redfish {}]: this program is built without the feature redfish",
            self.name
        )
    }
}

#[cfg(feature = "redfish")]
impl Redfish {
    pub(super) fn open(&self) -> anyhow::Result<Box<dyn Probe>> {
        use anyhow::Context as _;
        use bellwether_hal::linux::redfish::{self, RedfishError};
        use bellwether_hal::linux::selection::Selection;
        use std::time::Duration;

        let roots = self.ca_file.as_ref();
        let roots =
            roots.map(|path| std::fs::read(path).with_context(|| path.display().to_string()));
        let seconds = |s: u32| Duration::from_secs(s.max(1).into());
        let settings = redfish::Settings {
            name: self.name.clone(),
            url: self.url.clone(),
            login: self
                .login()
                .with_context(|| format!("[sources.redfish {}]", self.name))?,
            roots: roots
                .transpose()
                .with_context(|| format!("[sources.redfish {}]", self.name))?,
            limit: seconds(self.limit_s),
            whole: seconds(self.whole_s),
            period: seconds(self.period_s),
            selection: Selection {
                allow: self.allow.clone(),
                deny: self.deny.clone(),
            },
            sensors: self.sensors,
            reports: self.reports,
        };
        // A refusal passes when the password is changed, but not by asking again: that can lock the user out.
        let passes = |error: &RedfishError| {
            matches!(
                error,
                RedfishError::Silent(_) | RedfishError::Status(_) | RedfishError::Garbage(_)
            )
        };
        let name = format!("redfish/{}", self.name);
        super::pending::open(name, passes, move || {
            redfish::Redfish::open(settings.clone())
        })
    }

    /// The user and the password.
    fn login(&self) -> anyhow::Result<bellwether_hal::linux::redfish::Login> {
        use crate::outputs::secret;
        use anyhow::{Context as _, bail, ensure};
        use bellwether_hal::linux::redfish::Login;
        use std::os::unix::fs::MetadataExt as _;

        let (user, file) = match (&self.user, &self.password_file) {
            (None, None) => return Ok(Login::None),
            (Some(user), Some(file)) => (user.clone(), file),
            _ => bail!("user and password_file belong together"),
        };
        let named = || file.display().to_string();
        let password = secret::line(file)?;
        // Whoever has the controller has the machine: not even the group reads this.
        let mode = std::fs::metadata(file).with_context(named)?.mode() & 0o777;
        ensure!(
            mode & 0o077 == 0,
            "{}: mode {mode:04o}: group or others can use it; chmod 0600",
            named()
        );
        Ok(if self.session {
            Login::Session { user, password }
        } else {
            Login::Basic { user, password }
        })
    }
}

#[cfg(all(test, feature = "redfish"))]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    fn opened(more: &str) -> String {
        let text = format!("name = \"bmc\"\nurl = \"http://127.0.0.1:1\"\n{more}");
        let settings: Redfish = toml::from_str(&text).unwrap();
        settings.open().map_or_else(
            |error| format!("{error:#}"),
            |probe| probe.channels()[0].identity.clone(),
        )
    }

    /// Broken if a password that others can read is used, or a controller that is off stops the agent.
    #[test]
    fn password_is_nobodys_but_the_agents() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        fs::write(&file, "sesame\n").unwrap();
        let login = format!("user = \"op\"\npassword_file = {file:?}");
        for mode in [0o640, 0o644, 0o604, 0o660] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            assert!(opened(&login).contains("chmod"), "{mode:o}");
        }
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(opened(&login), "redfish/bmc/up");
        for wrong in [
            "user = \"op\"",
            "password_file = \"/x\"",
            "ca_file = \"/no/such\"",
        ] {
            assert!(
                opened(wrong).starts_with("[sources.redfish bmc]"),
                "{wrong}"
            );
        }
    }
}
