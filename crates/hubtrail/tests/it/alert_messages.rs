//! What people are told and when: gathered, updated, held back, over; and what a crash or a restart leaves of it.
//! Time is an argument throughout, so nothing waits.

use hubtrail::connector::ConnectorId;
use hubtrail::notify::{ChannelId, Item, Pace, Quiet, Route, Service, Settings, Thread};
use hubtrail::secret::Keyring;
use hubtrail::store::{ALERTS, DueMessage, NewChannel, Note, Position, Store};
use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;

use crate::store_support::{Log, NOW};

const MINUTE: i64 = 60_000;
const SECRET: &str = "https://example.webhook.office.com/planted-hunter2";

struct Scene {
    log: Log,
    channel: ChannelId,
}

impl Scene {
    fn new(pace: Pace) -> Self {
        let log = Log::new();
        let keyring = Keyring::open(log.dir.path(), None).unwrap();
        let settings =
            Settings { name: "team".to_owned(), service: Service::Teams {}, route: Route::default(), pace };
        let secret = Some(SecretString::from(SECRET));
        let channel = log.store.add_channel(NewChannel { settings, secret, created_at: NOW }, &keyring);
        let channel = channel.unwrap().id;
        Self { log, channel }
    }

    fn store(&self) -> &Store {
        &self.log.store
    }

    fn note(&self, user: &str, item: Item, now: UtcMs) {
        let thread = Thread::Person { connector: ConnectorId(1), user_id: user.to_owned() };
        let note =
            Note { channel: self.channel, thread, about: "acme".to_owned(), who: user.to_owned(), item };
        self.store().note_alerts(vec![note], None, now).unwrap();
    }

    fn due(&self, now: UtcMs) -> Vec<DueMessage> {
        self.store().due_messages(now).unwrap()
    }

    fn tell(&self, now: UtcMs) -> Vec<DueMessage> {
        let due = self.due(now);
        due.iter().for_each(|message| self.store().message_told(message, None, now).unwrap());
        due
    }
}

fn item(key: &str, severity: Severity) -> Item {
    Item {
        key: key.to_owned(),
        severity,
        title: format!("title of {key}"),
        text: "12 pages".to_owned(),
        fix: String::new(),
        at: NOW,
        path: "findings/x".to_owned(),
        over: None,
    }
}

fn over(item: Item) -> Item {
    Item { over: Some("judged expected".to_owned()), ..item }
}

#[test]
fn what_one_person_did_is_one_message_that_waits_for_the_rest_and_is_updated() {
    let scene = Scene::new(Pace::default());
    scene.note("7", item("a", Severity::High), NOW);
    scene.note("7", item("b", Severity::High), NOW.plus(30_000));
    scene.note("8", item("c", Severity::High), NOW.plus(30_000));
    assert!(scene.due(NOW.plus(59_999)).is_empty());
    let told = scene.tell(NOW.plus(MINUTE));
    assert_eq!(told.len(), 1, "the other person's message waits for its own minute");
    assert_eq!(told[0].story.items.len(), 2);
    assert!(scene.due(NOW.plus(MINUTE)).is_empty(), "nothing is told twice");
    // More of the same waits; something new does not.
    scene.note("7", Item { text: "40 pages".to_owned(), ..item("a", Severity::High) }, NOW.plus(2 * MINUTE));
    let due = |at: i64| scene.due(NOW.plus(at)).iter().filter(|message| message.id == told[0].id).count();
    assert_eq!((due(15 * MINUTE), due(16 * MINUTE)), (0, 1));
    scene.note("7", item("d", Severity::High), NOW.plus(3 * MINUTE));
    assert_eq!(due(3 * MINUTE), 1);
    let again = scene.tell(NOW.plus(4 * MINUTE));
    let message = again.iter().find(|message| message.id == told[0].id).unwrap();
    assert!(!message.is_new && message.version > told[0].version && message.story.items.len() == 3);
}

#[test]
fn it_is_over_when_all_of_it_is_and_the_next_is_another_message() {
    let scene = Scene::new(Pace::default());
    scene.note("7", item("a", Severity::Critical), NOW);
    let first = scene.tell(NOW).remove(0);
    scene.note("7", over(item("a", Severity::Critical)), NOW.plus(MINUTE));
    let last = scene.tell(NOW.plus(MINUTE)).remove(0);
    assert!(last.id == first.id && last.story.is_over());
    scene.note("7", item("b", Severity::Critical), NOW.plus(2 * MINUTE));
    let next = scene.tell(NOW.plus(2 * MINUTE)).remove(0);
    assert!(next.id != first.id && next.is_new);
    // What is over before anybody was told is not told.
    scene.note("9", item("c", Severity::High), NOW.plus(2 * MINUTE));
    scene.note("9", over(item("c", Severity::High)), NOW.plus(2 * MINUTE + 1));
    assert!(scene.due(NOW.plus(60 * MINUTE)).is_empty());
}

#[test]
fn in_quiet_hours_only_what_is_critical_is_told_and_the_rest_at_their_end() {
    let quiet = Quiet { from: "14:00".to_owned(), to: "15:00".to_owned(), zone: "UTC".to_owned() };
    let scene = Scene::new(Pace { quiet: Some(quiet), ..Pace::default() });
    scene.note("7", item("a", Severity::High), NOW);
    scene.note("8", item("b", Severity::Critical), NOW);
    let told = scene.tell(NOW);
    assert_eq!(told.iter().map(|message| message.story.who.as_str()).collect::<Vec<_>>(), ["8"]);
    let three: UtcMs = "2024-03-10T15:00:00Z".parse().unwrap();
    assert!(scene.due(three.minus(1)).is_empty());
    assert_eq!(scene.due(three).len(), 1);
}

#[test]
fn beyond_what_a_channel_takes_an_hour_messages_become_one() {
    let scene = Scene::new(Pace { per_hour: 2, gather_seconds: 0, ..Pace::default() });
    for user in ["1", "2", "3", "4"] {
        scene.note(user, item(user, Severity::High), NOW);
    }
    let due = scene.due(NOW);
    assert_eq!(due.len(), 4);
    for message in &due[..2] {
        scene.store().message_told(message, None, NOW).unwrap();
    }
    let sent = scene.store().told_since(scene.channel, NOW.minus(60 * MINUTE)).unwrap();
    let room = Pace { per_hour: 2, ..Pace::default() }.room(&sent, NOW);
    assert_eq!(room, NOW.plus(60 * MINUTE));
    scene.store().hold_messages(due[2..].to_vec(), room).unwrap();
    assert!(scene.due(room.minus(1)).is_empty());
    let held = scene.due(room);
    assert_eq!((held.len(), held[0].story.items.len()), (1, 2), "{held:?}");
}

#[test]
fn a_channel_that_fails_waits_and_keeps_what_it_has_to_tell_over_a_restart() {
    let scene = Scene::new(Pace::default());
    scene.note("7", item("a", Severity::Critical), NOW);
    let message = scene.due(NOW).remove(0);
    let failed = |retry_at| {
        let (reason, fix) = ("503".to_owned(), None);
        scene.store().channel_failed(scene.channel, reason, fix, NOW, retry_at).unwrap();
    };
    failed(NOW.plus(MINUTE));
    assert!(scene.due(NOW.plus(MINUTE - 1)).is_empty());
    let reopened = Store::open(scene.log.dir.path()).unwrap();
    assert_eq!(reopened.due_messages(NOW.plus(MINUTE)).unwrap().len(), 1);
    let channel = reopened.channel("TEAM").unwrap();
    assert_eq!((channel.failure.as_deref(), channel.attempts), (Some("503"), 1));
    // What comes while it is being sent is not lost by the note that it was sent.
    scene.note("7", item("b", Severity::Critical), NOW.plus(1));
    scene.store().message_told(&message, None, NOW.plus(2)).unwrap();
    assert_eq!(scene.due(NOW.plus(2))[0].story.items.len(), 2);
    assert_eq!(scene.store().channel("team").unwrap().failure, None, "recovered");
    scene.store().set_channel_paused(scene.channel, true).unwrap();
    assert!(scene.due(NOW.plus(MINUTE)).is_empty());
    scene.store().set_channel_paused(scene.channel, false).unwrap();
    assert_eq!(scene.due(NOW.plus(MINUTE)).len(), 1);
}

#[test]
fn the_reader_moves_with_what_is_noted_and_is_there_as_long_as_a_channel() {
    let scene = Scene::new(Pace::default());
    scene.log.append(&[crate::store_support::at(1_000).seen()]);
    let head = scene.store().head().unwrap();
    scene.store().note_alerts(Vec::new(), Some(head), NOW).unwrap();
    assert_eq!(scene.store().reader_position(ALERTS).unwrap(), Some(head));
    scene.store().note_alerts(Vec::new(), Some(Position(0)), NOW).unwrap();
    assert_eq!(scene.store().reader_position(ALERTS).unwrap(), Some(head), "it never goes back");
    scene.store().remove_channel(scene.channel).unwrap();
    assert_eq!(scene.store().reader_position(ALERTS).unwrap(), None, "retention waits for nobody");
}

#[test]
fn a_secret_is_sealed_opens_and_is_nowhere_in_clear() {
    let scene = Scene::new(Pace::default());
    let channel = scene.store().channel("team").unwrap();
    let keyring = Keyring::open(scene.log.dir.path(), None).unwrap();
    let secret = channel.secret(&keyring).unwrap().unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&secret), SECRET);
    assert!(!format!("{channel:?}").contains("hunter2"));
    for file in std::fs::read_dir(scene.log.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(7).any(|window| window == b"hunter2"));
    }
}
