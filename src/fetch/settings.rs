//! What an operator decides about fetching: the `[fetch]` table of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::pace::host::interval;

const INTERVAL_DEFAULT: Duration = Duration::from_secs(5);

/// Settings of the fetcher. Every field has a default that suits the public web.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Product token by which robots.txt files know us: letters, `-` and `_`.
    pub user_agent: String,
    /// Public page that explains the visits; part of the User-Agent.
    pub about_url: String,
    /// Mail address for webmasters; part of the User-Agent. May be empty in tests only; `doctor` asks for it.
    pub contact: String,
    /// Proxy for all requests, such as `http://proxy.corp.example:3128` or `socks5h://…`; none by default, and
    /// variables of the environment are not looked at. A proxy resolves names itself, so it must itself keep
    /// requests away from internal addresses. Hosts under `resolve` are reached without it.
    pub proxy: Option<String>,
    /// PEM file with root certificates that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Longest time for a connection, seconds.
    pub connect_timeout_s: f64,
    /// How long a connection without a request is kept open for the next one, seconds.
    pub idle_timeout_s: f64,
    /// Longest time for a request from beginning to end, seconds.
    pub total_timeout_s: f64,
    /// Largest body after decompression, bytes.
    pub body_max_bytes: usize,
    /// Most redirects that are followed.
    pub redirects_max: u32,
    /// Least time between two requests to a host, seconds, where the source says nothing.
    pub interval_min_s: f64,
    /// Factor from 0 to 1 by which intervals and Crawl-delay shrink for hosts of this machine (loopback). Has no
    /// effect on any other host.
    pub loopback_pace: f64,
    /// Most repetitions of a request after trouble that may pass.
    pub retries_max: u32,
    /// Pause before the first repetition, seconds; doubled each time.
    pub retry_first_s: f64,
    /// Requests that failed in a row after which a host rests, for the source that leads to it.
    pub breaker_failures: u32,
    /// Loopback or private addresses that may be visited all the same: `ip` (also when a name leads there) or
    /// `ip:port` (only when written so in the address).
    pub allow_private: Vec<String>,
    /// Fixed addresses of host names, as in a hosts file: `name = "ip:port"` or `"ip"`. The port is where the
    /// connection goes when the address of the page names none.
    pub resolve: BTreeMap<String, String>,
    /// How long a robots.txt is kept, hours; at most 24.
    pub robots_cache_h: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: "Wanglou".to_owned(),
            about_url: String::new(),
            contact: String::new(),
            proxy: None,
            ca_file: None,
            connect_timeout_s: 10.0,
            idle_timeout_s: 60.0,
            total_timeout_s: 30.0,
            body_max_bytes: 5 * 1024 * 1024,
            redirects_max: 5,
            interval_min_s: INTERVAL_DEFAULT.as_secs_f64(),
            loopback_pace: 1.0,
            retries_max: 2,
            retry_first_s: 2.0,
            breaker_failures: 5,
            allow_private: Vec::new(),
            resolve: BTreeMap::new(),
            robots_cache_h: 24.0,
        }
    }
}

impl Settings {
    /// What an operator should still fill in before the public web is visited, in whole sentences.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        if self.contact.trim().is_empty() {
            gaps.push("`fetch.contact` is empty: give a mail address at which webmasters reach you".to_owned());
        }
        if self.about_url.trim().is_empty() {
            gaps.push("`fetch.about_url` is empty: give a public page that explains the visits".to_owned());
        }
        gaps
    }

    /// The User-Agent header, such as `Wanglou/0.1 (+https://watch.example/bot; contact=watch@corp.example)`.
    pub fn user_agent_header(&self) -> String {
        let version = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
        let about = Some(self.about_url.trim()).filter(|url| !url.is_empty()).map(|url| format!("+{url}"));
        let contact = Some(self.contact.trim()).filter(|mail| !mail.is_empty()).map(|mail| format!("contact={mail}"));
        let remarks: Vec<String> = about.into_iter().chain(contact).collect();
        let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) };
        format!("{}/{version}{remarks}", self.user_agent)
    }

    pub(crate) fn interval(&self, wanted_s: Option<f64>) -> Duration {
        let default = interval(self.interval_min_s, INTERVAL_DEFAULT);
        wanted_s.map_or(default, |seconds| interval(seconds, default))
    }

    pub(crate) fn robots_age_ms(&self) -> i64 {
        let age = interval(self.robots_cache_h * 3_600.0, Duration::from_secs(86_400));
        i64::try_from(age.as_millis()).unwrap_or(crate::pace::robots::ROBOTS_AGE_MAX_MS)
    }
}

/// Seconds of a setting as a length of time; what is no time, or zero, gives `otherwise`.
pub(crate) fn seconds(value: f64, otherwise: f64) -> Duration {
    let otherwise = Duration::from_secs_f64(otherwise);
    Some(interval(value, otherwise)).filter(|length| !length.is_zero()).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn the_user_agent_says_who_visits_and_whom_to_write_to() {
        let settings = Settings {
            about_url: "https://watch.example/bot".to_owned(),
            contact: "watch@corp.example".to_owned(),
            ..Settings::default()
        };
        let expected = "Wanglou/0.1 (+https://watch.example/bot; contact=watch@corp.example)";
        assert_eq!(settings.user_agent_header(), expected);
        assert!(settings.gaps().is_empty());
    }

    #[test]
    fn a_missing_contact_is_named() {
        assert!(Settings::default().gaps()[0].contains("fetch.contact"));
        assert_eq!(Settings::default().user_agent_header(), "Wanglou/0.1");
    }

    #[test]
    fn an_unknown_setting_is_refused_and_a_missing_one_has_its_default() {
        assert!(toml::from_str::<Settings>("cookies = true").is_err());
        let settings: Settings = toml::from_str("interval_min_s = 2.5").unwrap();
        assert_eq!(settings, Settings { interval_min_s: 2.5, ..Settings::default() });
    }

    #[test]
    fn robots_are_kept_for_a_day_at_most() {
        let settings = Settings { robots_cache_h: 1_000.0, ..Settings::default() };
        assert_eq!(settings.robots_age_ms(), 86_400_000);
    }
}
