//! Sources that do not answer at start: one channel says so, and the others are read meanwhile.

use anyhow::Context as _;
use bellwether::Cause;
use bellwether_hal::linux::probe::{Channel, Measure, Probe, Raw};
use std::time::Duration;

/// Time from one attempt to the next.
const PERIOD: Duration = Duration::from_secs(60);

/// A source that could not be read at start. Channels do not change while the agent runs, so those of a source that
/// answers later are watched from the next start or reload on.
struct Pending<F> {
    name: String,
    channels: [Channel; 1],
    open: F,
    told: bool,
}

/// Opens a source; if that fails for a reason that may pass, a line on standard error says so.
///
/// # Errors
/// It fails for a reason that will not pass.
pub(super) fn open<P: Probe + 'static, E>(
    name: String,
    passes: impl Fn(&E) -> bool,
    mut open: impl FnMut() -> Result<P, E> + Send + 'static,
) -> anyhow::Result<Box<dyn Probe>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match open() {
        Ok(probe) => Ok(Box::new(probe)),
        Err(error) if passes(&error) => {
            eprintln!("bellwether-agent: {name}: {error}; it is asked again each minute");
            Ok(Box::new(Pending::new(name, move || open().is_ok())))
        }
        Err(error) => Err(error).with_context(|| format!("[sources.{}]", name.replace('/', " "))),
    }
}

impl<F> Pending<F> {
    fn new(name: String, open: F) -> Self {
        let channel = Channel {
            identity: format!("{name}/up"),
            chip: name.clone(),
            sensor: "up".to_owned(),
            unit: "",
            measure: Measure::Gauge,
        };
        Self {
            name,
            channels: [channel],
            open,
            told: false,
        }
    }
}

impl<F: FnMut() -> bool + Send> Probe for Pending<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Tries again.
    fn read(&mut self, into: &mut [Raw]) {
        let up = (self.open)();
        into.fill(if up { Ok(1.0) } else { Err(Cause::Sensor) });
        if up && !self.told {
            let name = &self.name;
            eprintln!("bellwether-agent: {name} answers now: restart or reload to watch it");
            self.told = true;
        }
    }

    fn period(&self) -> Duration {
        PERIOD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether_hal::linux::tool::ToolError;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Broken if a controller that is late at boot keeps the agent from its other sensors, or a wrong name is hidden.
    #[test]
    fn source_that_is_silent_at_start_is_a_channel_and_a_wrong_one_an_error() {
        let up = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&up);
        let attempt = move || {
            let is_up = seen.load(Ordering::Relaxed);
            let probe = || Pending::new("inner".into(), || true);
            is_up.then(probe).ok_or(ToolError::Late)
        };
        let mut probe = open("ipmi".into(), |_| true, attempt.clone()).unwrap();
        assert_eq!(probe.channels()[0].identity, "ipmi/up");
        let mut value = [Ok(0.0)];
        probe.read(&mut value);
        assert_eq!(value, [Err(Cause::Sensor)]);
        up.store(true, Ordering::Relaxed);
        probe.read(&mut value);
        assert_eq!(value, [Ok(1.0)]);
        up.store(false, Ordering::Relaxed);
        let error = open("redfish/bmc".into(), |_| false, attempt)
            .err()
            .unwrap();
        assert!(format!("{error:#}").starts_with("[sources.redfish bmc]: it took"));
    }
}
