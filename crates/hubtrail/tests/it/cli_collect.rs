//! `hubtrail collect` in the foreground, while other commands change its connector.

use std::process::Stdio;

use crate::binary::Running;
use crate::serve_support::{Place, TOKEN, account, history, records, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_another_command_is_used_at_once_and_a_pause_ends_it() {
    let emulator = account(|_| (), history(5)).await;
    let place = Place::new();
    place.add("acme", &emulator.url(), "pat-na1-revoked", &[]);
    let mut command = place.hubtrail.command(&["collect", "acme"]);
    let mut running = Running(command.stderr(Stdio::null()).spawn().unwrap());
    let store = place.store();
    let refused =
        || store.facts().unwrap().iter().flat_map(|of| &of.failures).any(|f| f.kind == "credentials");
    until("the token is refused", refused);
    let right = place.file("right", TOKEN);
    place.hubtrail.prints(&["connector", "token", "acme", "--token-file", &right]);
    until("the right one is used", || records(&store).len() == 5);
    assert!(running.0.try_wait().unwrap().is_none(), "by the same process");
    place.hubtrail.prints(&["connector", "pause", "acme"]);
    until("it has ended", || running.0.try_wait().unwrap().is_some());
    assert!(running.0.wait().unwrap().success());
    emulator.shutdown().await;
}
