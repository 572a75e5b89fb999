//! Standard output, one entry a line, for pipes and containers.

use std::io::Write as _;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Item, Receipt, Sink, SinkError};

/// Standard output of `hubtrail serve`, one entry a line
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stdout {}

pub(super) struct StdoutSink;

impl Sink for StdoutSink {
    fn deliver<'a>(&'a mut self, batch: &'a [Item]) -> BoxFuture<'a, Result<Receipt, SinkError>> {
        let mut lines = Vec::with_capacity(batch.iter().map(|item| item.body.len() + 1).sum());
        for item in batch {
            lines.extend_from_slice(&item.body);
            lines.push(b'\n');
        }
        Box::pin(async move {
            // A pipe whose reader is slow keeps this thread waiting, and nobody else.
            let written = tokio::task::spawn_blocking(move || {
                let mut stdout = std::io::stdout().lock();
                stdout.write_all(&lines).and_then(|()| stdout.flush())
            });
            match written.await {
                Ok(Ok(())) => Ok(Receipt("written".to_owned())),
                Ok(Err(error)) => Err(SinkError::misconfigured(
                    format!("write to standard output: {error}"),
                    "let something read it, and start `hubtrail serve` again",
                )),
                Err(_) => Err(SinkError::retry("the write was given up")),
            }
        })
    }
}
