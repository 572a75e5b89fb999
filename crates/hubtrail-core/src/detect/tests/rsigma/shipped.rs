//! The shipped rules: both engines say the same of their examples, and of streams put together from those.

use std::sync::{LazyLock, Mutex};

use proptest::prelude::*;

use super::*;

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");

struct Pack {
    theirs: Mutex<CorrelationEngine>,
    set: Arc<RuleSet>,
    /// The events of each example of each rule.
    examples: Vec<Vec<Event>>,
}

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    let mut files: Vec<_> = std::fs::read_dir(RULES).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    let text: Vec<_> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let text = text.join("\n---\n");
    let set = rules(&text);
    let on = set.rules().iter().map(|rule| (rule.id.clone(), true)).collect::<Vec<_>>();
    let set = Arc::new(set.switched(on.iter().map(|(id, on)| (id.as_str(), *on))));
    let examples = set.rules().iter().flat_map(|rule| &rule.examples);
    let examples = examples.map(|example| example.events.clone()).collect();
    Pack { theirs: Mutex::new(theirs(&text)), set, examples }
});

/// In order of time and three seconds apart: closer together, ours takes an update and its publish for one
/// act, which counts once, and rsigma knows whole seconds only.
fn apart(mut events: Vec<Event>) -> Vec<(Event, EventId)> {
    events.sort_by_key(|event| event.timestamp);
    let mut earliest = UtcMs(0);
    for event in &mut events {
        event.timestamp = UtcMs(event.timestamp.0 - event.timestamp.0.rem_euclid(1_000)).max(earliest);
        earliest = event.timestamp.plus(3_000);
    }
    identified(events)
}

fn disagreements_over(events: &[(Event, EventId)]) -> Vec<String> {
    let Pack { theirs, set, .. } = &*PACK;
    let mut engine = theirs.lock().unwrap();
    let mut wrong = Vec::new();
    for (event, _) in events {
        let (ours, theirs) = (our_matches(set, event), their_matches(&engine, event));
        if ours != theirs {
            wrong.push(format!("ours {ours:?}, theirs {theirs:?}: {event:?}"));
        }
    }
    wrong.extend(disagreements(set, &mut engine, events, 20));
    wrong
}

#[test]
fn of_the_examples_of_every_rule() {
    for example in &PACK.examples {
        assert_eq!(disagreements_over(&apart(example.clone())), [""; 0]);
    }
}

/// Examples of several rules by a few people, one into the other.
fn streams() -> impl Strategy<Value = Vec<(Event, EventId)>> {
    let part = (0..PACK.examples.len(), 0i64..8 * HOUR, 0u8..3);
    prop::collection::vec(part, 1..8).prop_map(|parts| {
        let events = parts.iter().flat_map(|(example, later, user)| {
            PACK.examples[*example].iter().map(move |event| Event {
                timestamp: event.timestamp.plus(*later),
                user_id: format!("{user}{}", event.user_id),
                ..event.clone()
            })
        });
        apart(events.collect())
    })
}

proptest! {
    #[test]
    fn of_streams_put_together_from_their_examples(events in streams()) {
        prop_assert_eq!(disagreements_over(&events), Vec::<String>::new());
    }
}
