//! Records that nobody should send: read, or kept as they are, and the same each time.

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::Event;
use crate::damage::damaged_text;
use crate::identity::{AccountKey, identify};
use crate::page::Seen;
use crate::record_line::record_line;
use crate::stream::Stream;
use crate::time::UtcMs;

const RECORDS: &[&str] = &[
    r#"{"objectId":"4065364319","objectName":"My Landing Page","fullName":"John Doe","event":"UPDATED","userId":"1011561","timestamp":"1583792674672","objectType":"LANDING_PAGE"}"#,
    r#"{"timestamp":1583792674672.0,"userId":7,"objectId":9007199254740993,"meta":{"b":[1e2,{"a":null}],"a":"\u00e9"}}"#,
    r#"{"timestamp":"2024-03-10T14:32:18.123+01:00","objectName":"a\ud800b","fullName":"\n","meta":[[[[[]]]]]}"#,
];

proptest! {
    #[test]
    fn whatever_is_sent_as_a_record_is_kept_as_sent_and_is_the_same_one_the_next_time(text in damaged_text(RECORDS)) {
        let _ = Event::read(&text);
        let Ok(raw) = RawValue::from_string(text) else { return Ok(()) };
        let sent = raw.get().to_owned();
        let twice = [Seen::read(raw.clone()), Seen::read(raw)];
        prop_assert_eq!(twice[0].raw.get(), &sent);
        let account = AccountKey("1".to_owned());
        let ids = identify(&account, Stream::Content, &twice);
        prop_assert_ne!(ids[0], ids[1], "twins are two");
        prop_assert_eq!(&identify(&account, Stream::Content, &twice), &ids);
        let line = record_line(&sent);
        prop_assert!(!line.contains(['\n', '\r']));
        prop_assert!(serde_json::from_str::<&RawValue>(&line).is_ok(), "{line}");
    }

    #[test]
    fn whatever_is_given_as_a_time_is_read_or_refused(
        text in damaged_text(&["1583792674672", "2024-03-10T14:32:18.123Z", "2024-03-10", "2024-03-10T15:32:18+01:00", "-5"])
    ) {
        if let Ok(at) = text.parse::<UtcMs>() {
            prop_assert_eq!(at.to_string().parse::<UtcMs>(), Ok(at), "{}", text);
        }
    }
}
