//! Times as text.

use std::time::{Duration, SystemTime};

/// The last millisecond of the year 9999.
const LAST: u64 = 253_402_300_799_999;

/// A time in milliseconds since 1970 as RFC 3339 has it, in UTC. A clock that is beyond the year 9999 is wrong, and
/// stays in it.
pub fn rfc3339(ms: u64) -> String {
    let since = Duration::from_millis(ms.min(LAST));
    humantime::format_rfc3339_millis(SystemTime::UNIX_EPOCH + since).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a clock that is wrong ends the agent.
    #[test]
    fn every_clock_has_a_text() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_795_960_830_500), "2026-11-29T14:00:30.500Z");
        assert_eq!(rfc3339(u64::MAX), "9999-12-31T23:59:59.999Z");
    }
}
