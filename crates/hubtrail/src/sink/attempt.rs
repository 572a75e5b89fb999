//! Trying a receiver out while somebody waits for what comes back.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use super::SinkError;

/// A sink itself waits as long as its settings say.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What came back; of a receiver that hangs, that it does.
pub(crate) async fn attempt<T>(delivery: impl Future<Output = Result<T, SinkError>>) -> Result<T, SinkError> {
    match timeout(PATIENCE, delivery).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SinkError::misconfigured(
            format!("the receiver did not answer within {} s", PATIENCE.as_secs()),
            "check that host and port are the receiver's, and that no firewall between holds the connection up",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_hangs_is_given_up_and_said_to() {
        let hanging = attempt(pending::<Result<(), SinkError>>()).await.unwrap_err();
        assert_eq!(hanging.to_string(), "the receiver did not answer within 20 s");
        assert_eq!(attempt(ready(Ok(7))).await, Ok(7));
        let refused = SinkError::retry("it says no");
        assert_eq!(attempt(ready(Err::<(), _>(refused.clone()))).await, Err(refused));
    }
}
