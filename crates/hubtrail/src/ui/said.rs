//! What a page says about the form that led to it. The address carries a word, never a text: nobody can make
//! the console say something by a link.

use http::Uri;
use url::form_urlencoded;

const SAID: [(&str, &str); 30] = [
    ("added", "Person added."),
    ("again", "Delivered once more as soon as the sink works."),
    ("backfill", "The range is collected again. New events keep arriving meanwhile."),
    ("channel", "People are told from now on. A test shows whether it arrives."),
    ("changed", "Changed."),
    ("deleted", "Connector deleted; its events were kept."),
    ("ended", "The exception has ended."),
    ("erased", "Connector deleted. Its events are being erased."),
    ("excepted", "Excepted. Findings like it stay out of the queue until then."),
    ("given-up", "Given up. The entries stay in the log."),
    ("gone", "Removed."),
    ("held", "Paused. What there is to tell is told when you resume it."),
    ("judged", "Judged."),
    ("kept", "Saved. Events that are older are taken out within the hour."),
    ("noted", "Noted."),
    ("off", "The rule is off."),
    ("on", "The rule is on."),
    ("password", "Password changed. Other sessions have ended."),
    ("paused", "Paused. It goes on from the same place when you resume it."),
    ("removed", "Person removed."),
    ("replayed", "It is delivered again from then on."),
    ("resumed", "Resumed."),
    ("revoked", "Token revoked. Nobody gets in with it any more."),
    ("saved", "Saved."),
    ("sink", "Forwarding has begun. A test tells whether the receiver takes it."),
    ("started", "Collecting. History fills in while new events arrive."),
    ("unsaved", "View removed."),
    ("view", "View saved."),
    ("written", "The rule is in force."),
    ("token", "Token replaced. The history stays as it is."),
];

pub(super) fn of(uri: &Uri) -> Option<&'static str> {
    let (_, word) = form_urlencoded::parse(uri.query()?.as_bytes()).find(|(name, _)| name == "said")?;
    SAID.into_iter().find(|(own, _)| *own == word).map(|(_, text)| text)
}
