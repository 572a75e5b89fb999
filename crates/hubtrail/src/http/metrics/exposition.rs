//! The two forms in which scrapers read. They differ in how a counter's family is named and in a last line.

use std::collections::HashSet;
use std::fmt;

use http::{HeaderMap, header};
use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Prometheus,
    OpenMetrics,
}

impl Form {
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let kinds = accepted.flat_map(|value| value.split(','));
        let mut names = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim());
        if names.any(|name| name.eq_ignore_ascii_case("application/openmetrics-text")) {
            Self::OpenMetrics
        } else {
            Self::Prometheus
        }
    }

    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    pub(super) fn write(self, registry: &Registry) -> Result<String, fmt::Error> {
        let mut open = String::new();
        text::encode(&mut open, registry)?;
        Ok(match self {
            Self::OpenMetrics => open,
            Self::Prometheus => as_prometheus(&open),
        })
    }
}

/// OpenMetrics names a counter's family without `_total`, Prometheus text with it, and knows no last line.
fn as_prometheus(open: &str) -> String {
    let counters: HashSet<&str> =
        open.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(open.len());
    for line in open.lines().filter(|line| *line != "# EOF") {
        let family = line.strip_prefix("# ").and_then(|rest| rest.split(' ').nth(1));
        match family.filter(|family| counters.contains(family)) {
            Some(family) => text.push_str(&line.replacen(family, &format!("{family}_total"), 1)),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::metrics::gauge::Gauge;

    use super::*;

    #[test]
    fn each_form_is_as_its_readers_expect_it() {
        let mut registry = Registry::default();
        let counter = Counter::<u64>::default();
        counter.inc_by(7);
        registry.register("hubtrail_calls", "Calls", counter);
        registry.register("hubtrail_entries", "Entries", Gauge::<i64>::default());
        assert_eq!(
            Form::Prometheus.write(&registry).unwrap(),
            "# HELP hubtrail_calls_total Calls.\n# TYPE hubtrail_calls_total counter\nhubtrail_calls_total 7\n\
             # HELP hubtrail_entries Entries.\n# TYPE hubtrail_entries gauge\nhubtrail_entries 0\n"
        );
        let open = Form::OpenMetrics.write(&registry).unwrap();
        assert!(open.contains("# TYPE hubtrail_calls counter\nhubtrail_calls_total 7\n"), "{open}");
        assert!(open.ends_with("# EOF\n"), "{open}");
    }

    #[test]
    fn the_form_is_what_is_accepted() {
        for (accept, form) in [
            ("", Form::Prometheus),
            ("*/*", Form::Prometheus),
            ("text/plain;version=0.0.4", Form::Prometheus),
            ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", Form::OpenMetrics),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
            assert_eq!(Form::accepted(&headers), form, "{accept}");
        }
    }
}
