//! The program's log, on standard error: text, or JSON lines for machines. `WANGLOU_LOG` says how much.

use tracing_subscriber::EnvFilter;

/// Environment variable that says how much is logged, such as `debug` or `wanglou::fetch=debug,warn`.
pub const LOG_VARIABLE: &str = "WANGLOU_LOG";

/// Begins logging. `level` counts where the environment says nothing. A second call changes nothing.
///
/// # Errors
/// When the environment's filter cannot be read.
pub fn start(as_json: bool, level: &str) -> anyhow::Result<()> {
    let wanted = std::env::var(LOG_VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let filter = EnvFilter::try_new(wanted.as_deref().unwrap_or(level)).map_err(|error| {
        anyhow::anyhow!("{LOG_VARIABLE} cannot be read: {error}; write info, or wanglou=debug,warn")
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A logger that is set already, as in tests, stays.
    let _set = if as_json { log.json().try_init() } else { log.with_target(false).try_init() };
    Ok(())
}
