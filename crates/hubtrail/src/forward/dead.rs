//! Dead letters that somebody wants delivered once more, each alone.

use super::batch::Reading;
use super::{ForwardError, Forwarder};
use crate::sink::SinkError;
use crate::store::{DeadLetter, NewDeadLetter, Progress};

/// Between two batches of what is new.
const AT_A_TIME: u32 = 20;

impl Forwarder {
    /// Whatever does not get through now is tried again later, or stays what it is.
    pub(super) async fn retry_dead_letters(&mut self) -> Result<(), ForwardError> {
        for letter in self.store.dead_letters_to_retry(self.sink.id, AT_A_TIME)? {
            let Some(progress) = self.retry_one(&letter).await? else { return Ok(()) };
            self.done(progress).await?;
        }
        Ok(())
    }

    /// None: the receiver takes nothing at the moment.
    async fn retry_one(&mut self, letter: &DeadLetter) -> Result<Option<Progress>, ForwardError> {
        let resolved = || Progress { resolved: vec![letter.id], ..Progress::default() };
        let Some(entry) = self.store.log_entry(letter.position)? else {
            return Ok(Some(resolved()));
        };
        let mut reading = Reading::new(&self.store, &self.sink);
        reading.refresh()?;
        let item = reading.item_of(&entry)?;
        let reason = match self.out.deliver(std::slice::from_ref(&item)).await {
            Ok(_) => {
                let bytes = i64::try_from(item.body.len()).unwrap_or(i64::MAX);
                return Ok(Some(Progress { entries: 1, bytes, ..resolved() }));
            }
            Err(SinkError::Together(reason)) => reason,
            Err(SinkError::Entries { refused, .. }) => {
                refused.into_iter().next().map(|refused| refused.reason).unwrap_or_default()
            }
            Err(error @ (SinkError::Retry { .. } | SinkError::Misconfigured { .. })) => {
                self.wait_out(&error).await?;
                return Ok(None);
            }
        };
        let again = NewDeadLetter { position: letter.position, event_id: item.id, reason };
        Ok(Some(Progress { refused: vec![again], ..Progress::default() }))
    }
}
