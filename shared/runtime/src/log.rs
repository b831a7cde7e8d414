//! Logs and metrics, as lines of JSON on standard output: what CloudWatch reads by itself.

use std::io::Write;

use domain::Timestamp;
use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// One JSON object a line, without colours; our own at `info`, everybody else's at `warn`.
pub(crate) fn start() {
    let lines = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let lines = lines.with_writer(std::io::stdout).without_time();
    let ours = ["request", "api", "ingest", "notify", "sync", "tick", "webhook", "runtime"]
        .map(|target| (target, Level::INFO));
    let filter = Targets::new().with_default(Level::WARN).with_targets(ours);
    // A second start in one process keeps the first.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
}

/// What one invocation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) at: Timestamp,
    pub(crate) duration_ms: i64,
    pub(crate) failed: bool,
}

/// The invocation's metrics in CloudWatch's embedded format: they cost no call.
pub fn metrics(function: &str, at: Timestamp, counts: &[(&str, &str, i64)]) -> Value {
    let names: Vec<_> = counts.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{"Namespace": "Regulars", "Dimensions": [["function"]], "Metrics": names}],
        },
        "function": function,
    });
    for (name, _, value) in counts {
        line[*name] = json!(value);
    }
    line
}

pub(crate) fn tell(function: &str, request_id: &str, outcome: Outcome) {
    let Outcome { at, duration_ms, failed } = outcome;
    tracing::info!(function, request_id, duration_ms, failed, "invoked");
    let failures = i64::from(failed);
    let counts = [
        ("invocations", "Count", 1),
        ("failures", "Count", failures),
        ("duration", "Milliseconds", duration_ms),
    ];
    print(&metrics(function, at, &counts));
}

/// A line that cannot be written is not worth failing for.
pub(crate) fn print(line: &Value) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_have_the_embedded_form() {
        let at = Timestamp::from_millisecond(1_790_000_000_123).unwrap();
        let line = metrics("notify", at, &[("invocations", "Count", 1), ("duration", "Milliseconds", 7)]);
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_790_000_000_123_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Regulars",
                        "Dimensions": [["function"]],
                        "Metrics": [
                            {"Name": "invocations", "Unit": "Count"},
                            {"Name": "duration", "Unit": "Milliseconds"},
                        ],
                    }],
                },
                "function": "notify",
                "invocations": 1,
                "duration": 7,
            })
        );
    }
}
