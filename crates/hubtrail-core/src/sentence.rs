//! An event as a person would say it: `Maria Keller unpublished landing page “Spring sale”`.
//!
//! The words come from strangers (page names, people's names), so whatever could steer a terminal
//! or reorder a line is shown by its code instead. HubSpot's lists grow: unknown values stay readable.

use std::borrow::Cow;
use std::fmt;

use crate::event::Event;

/// The parts of the sentence, so that a screen can set them apart. All of it is safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence<'a> {
    pub who: Cow<'a, str>,
    pub did: Cow<'a, str>,
    /// The object: `landing page “Spring sale”`.
    pub what: String,
}

impl<'a> Sentence<'a> {
    #[must_use]
    pub fn of(event: &'a Event) -> Self {
        Self { who: who(event), did: verb(&event.event), what: what(event) }
    }
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.who, self.did, self.what)
    }
}

fn who(event: &Event) -> Cow<'_, str> {
    match (event.full_name.trim(), event.user_id.trim()) {
        ("", "") => Cow::Borrowed("someone"),
        ("", id) => Cow::Owned(format!("user {}", harmless(id))),
        (name, _) => harmless(name),
    }
}

fn what(event: &Event) -> String {
    let kind = noun(&event.object_type);
    match (event.object_name.trim(), event.object_id.trim()) {
        ("", "") if kind.ends_with('s') => kind.into_owned(),
        ("", "") => format!("an unnamed {kind}"),
        ("", id) => format!("{kind} {}", harmless(id)),
        (name, _) => format!("{kind} “{}”", harmless(name)),
    }
}

/// The verb of an event type, in the past tense.
#[must_use]
pub fn verb(event_type: &str) -> Cow<'_, str> {
    Cow::Borrowed(match event_type {
        "CREATED" => "created",
        "DELETED" => "deleted",
        "PUBLISHED" => "published",
        "RESTORE" | "RESTORED" => "restored",
        "UNPUBLISHED" => "unpublished",
        "UPDATED" => "updated",
        "" => "touched",
        unknown => return in_words(unknown),
    })
}

/// The noun of an object type, in the words of HubSpot's screens.
#[must_use]
pub fn noun(object_type: &str) -> Cow<'_, str> {
    Cow::Borrowed(match object_type {
        "BLOG" => "blog",
        "BLOG_POST" => "blog post",
        "CASE_STUDY" => "case study",
        "CONTENT_SETTINGS" => "website settings",
        "CSS" => "stylesheet",
        "CTA" => "call-to-action",
        "DOMAIN" => "domain",
        "EMAIL" => "email",
        "FILE" => "file",
        "GLOBAL_MODULE" => "global module",
        "HUBDB_TABLE" => "HubDB table",
        "JS" => "JavaScript file",
        "KNOWLEDGE_BASE" => "knowledge base",
        "KNOWLEDGE_BASE_ARTICLE" => "knowledge base article",
        "LANDING_PAGE" => "landing page",
        "MODULE" => "module",
        "PODCAST" => "podcast",
        "QUOTE" => "quote",
        "SERVERLESS_FUNCTION" => "serverless function",
        "TEMPLATE" => "template",
        "THEME" => "theme",
        "URL_MAPPING" => "redirect",
        "WEB_INTERACTIVE" => "web interactive",
        "WEBSITE_PAGE" => "website page",
        "" => "object",
        unknown => return in_words(unknown),
    })
}

/// `SOME_NEW_TYPE` as `some new type`.
fn in_words(name: &str) -> Cow<'_, str> {
    let words: Vec<_> = name.split(['_', '-', ' ']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        harmless(name)
    } else {
        harmless(&words.join(" ").to_lowercase()).into_owned().into()
    }
}

/// The text with everything shown by its code that a terminal obeys, or that hides or reorders its neighbours.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\t' => shown.push(' '),
            '\r' => {}
            c if is_harmful(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Joiners are left alone: scripts and emoji need them.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Dimension;
    use crate::time::UtcMs;

    fn event(who: [&str; 2], did: &str, object: [&str; 3]) -> Event {
        Event {
            timestamp: UtcMs(0),
            full_name: who[0].to_owned(),
            user_id: who[1].to_owned(),
            event: did.to_owned(),
            object_type: object[0].to_owned(),
            object_name: object[1].to_owned(),
            object_id: object[2].to_owned(),
            meta: None,
        }
    }

    #[test]
    fn an_event_reads_as_a_sentence_however_little_is_known() {
        let maria = ["Maria Keller", "7"];
        for (who, did, object, sentence) in [
            (
                maria,
                "UNPUBLISHED",
                ["LANDING_PAGE", "Spring sale", "1"],
                "Maria Keller unpublished landing page “Spring sale”",
            ),
            (maria, "RESTORE", ["HUBDB_TABLE", "", "55"], "Maria Keller restored HubDB table 55"),
            (maria, "DELETED", ["URL_MAPPING", "", ""], "Maria Keller deleted an unnamed redirect"),
            (maria, "UPDATED", ["CONTENT_SETTINGS", "", ""], "Maria Keller updated website settings"),
            (["", "42"], "CREATED", ["EMAIL", " ", "9"], "user 42 created email 9"),
            (["", ""], "", ["", "", ""], "someone touched an unnamed object"),
            (
                maria,
                "MADE_PRIVATE",
                ["SOME_NEW_TYPE", "x", ""],
                "Maria Keller made private some new type “x”",
            ),
            (maria, "_", ["__", "x", ""], "Maria Keller _ __ “x”"),
        ] {
            assert_eq!(Sentence::of(&event(who, did, object)).to_string(), sentence);
        }
    }

    #[test]
    fn every_documented_value_has_words_of_its_own() {
        for value in Dimension::EventType.documented() {
            assert!(verb(value).ends_with("ed"), "{value}: {}", verb(value));
        }
        for value in Dimension::ObjectType.documented() {
            assert!(matches!(noun(value), Cow::Borrowed(_)), "{value} falls back to its letters");
        }
    }

    #[test]
    fn a_name_cannot_steer_the_terminal_or_reorder_the_line() {
        let hostile = "a\u{1b}[2Jb\u{202e}gnp.exe\u{2066}\nc\u{9b}31m\r\u{7f}";
        let shown = harmless(hostile);
        assert_eq!(shown, "a\\u{1b}[2Jb\\u{202e}gnp.exe\\u{2066} c\\u{9b}31m\\u{7f}");
        assert!(
            !Sentence::of(&event([hostile, ""], hostile, [hostile, hostile, ""]))
                .to_string()
                .chars()
                .any(is_harmful)
        );
    }

    #[test]
    fn other_scripts_and_joined_emoji_stay_as_they_are() {
        for text in ["Zoë Ødegård", "山田 太郎", "שלום", "👩‍💻 launch", "می‌خواهم"]
        {
            assert!(matches!(harmless(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
