//! Diagnostics to stderr, as text for people or JSON for programs.
//!
//! stdout belongs to the commands. No token, body, e-mail address or IP is ever logged at info or above it.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::config::{Log, LogFormat};

/// Starts logging. `least` is the level of a command when nobody asks for another, `verbose` counts `-v`.
pub fn init(log: &Log, least: LevelFilter, verbose: u8) {
    let level = level(log.level.unwrap_or(least), verbose);
    let others = level.min(LevelFilter::WARN);
    let filter = Targets::new()
        .with_default(if verbose > 2 { level } else { others })
        .with_target("hubtrail", level)
        .with_target("hubspot_audit_api", level);
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    // A second call, as tests make, keeps the first subscriber.
    let _ = match log.format {
        LogFormat::Text => registry.with(layer.with_target(false)).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
}

fn level(base: LevelFilter, verbose: u8) -> LevelFilter {
    const RISING: [LevelFilter; 6] = [
        LevelFilter::OFF,
        LevelFilter::ERROR,
        LevelFilter::WARN,
        LevelFilter::INFO,
        LevelFilter::DEBUG,
        LevelFilter::TRACE,
    ];
    let at = RISING.iter().position(|level| *level == base).unwrap_or_default();
    RISING[(at + usize::from(verbose)).min(RISING.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_v_raises_the_level_by_one() {
        assert_eq!(level(LevelFilter::WARN, 0), LevelFilter::WARN);
        assert_eq!(level(LevelFilter::WARN, 2), LevelFilter::DEBUG);
        assert_eq!(level(LevelFilter::DEBUG, 9), LevelFilter::TRACE);
    }
}
