//! The fields a rule can ask for: HubSpot's own names, and what is inside `meta`.

use std::cell::OnceCell;

use serde_json::Value as Json;

use super::behaviour::{Fields, Measure};
use crate::event::Event;

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Event,
    ObjectType,
    ObjectId,
    ObjectName,
    UserId,
    FullName,
    Timestamp,
    /// The keys that lead to it; lists on the way are gone through.
    Meta(Vec<String>),
    /// What is usual or not about it; no value while there is too little history.
    Behaviour(Measure),
}

pub(super) const FIELDS: &str = "event, objectType, objectId, objectName, userId, fullName, timestamp, meta.KEY and \
    the behaviour.NAME of docs/behaviour.md";

impl Field {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "event" => Self::Event,
            "objectType" => Self::ObjectType,
            "objectId" => Self::ObjectId,
            "objectName" => Self::ObjectName,
            "userId" => Self::UserId,
            "fullName" => Self::FullName,
            "timestamp" => Self::Timestamp,
            _ if name.starts_with("behaviour.") => Self::Behaviour(Measure::parse(name)?),
            _ => {
                let path = name.strip_prefix("meta.")?;
                let keys: Vec<_> = path.split('.').map(str::to_owned).collect();
                (!keys.iter().any(String::is_empty)).then_some(Self::Meta(keys))?
            }
        })
    }
}

impl Field {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Event => "event".to_owned(),
            Self::ObjectType => "objectType".to_owned(),
            Self::ObjectId => "objectId".to_owned(),
            Self::ObjectName => "objectName".to_owned(),
            Self::UserId => "userId".to_owned(),
            Self::FullName => "fullName".to_owned(),
            Self::Timestamp => "timestamp".to_owned(),
            Self::Meta(keys) => format!("meta.{}", keys.join(".")),
            Self::Behaviour(measure) => measure.name().to_owned(),
        }
    }
}

/// An event under test. `meta` is read once, and only when a rule asks for it.
pub(super) struct View<'a> {
    pub(super) event: &'a Event,
    meta: OnceCell<Json>,
    behaviour: Option<Fields>,
}

impl<'a> View<'a> {
    pub(super) fn of(event: &'a Event) -> Self {
        Self::with(event, None)
    }

    pub(super) fn with(event: &'a Event, behaviour: Option<Fields>) -> Self {
        Self { event, meta: OnceCell::new(), behaviour }
    }

    pub(super) fn meta(&self) -> &Json {
        self.meta.get_or_init(|| {
            self.event.meta.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Json::Null)
        })
    }

    /// Whether `test` holds for a value of the field. A missing value is no value: nothing is tested.
    pub(super) fn any(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let text = match field {
            Field::Event => &self.event.event,
            Field::ObjectType => &self.event.object_type,
            Field::ObjectId => &self.event.object_id,
            Field::ObjectName => &self.event.object_name,
            Field::UserId => &self.event.user_id,
            Field::FullName => &self.event.full_name,
            Field::Timestamp => return test(&self.event.timestamp.to_string()),
            Field::Meta(keys) => return any_in(self.meta(), keys, test),
            Field::Behaviour(measure) => {
                let value = self.behaviour.and_then(|fields| fields.value(*measure));
                return value.is_some_and(|value| test(&value));
            }
        };
        !text.is_empty() && test(text)
    }

    /// Whether there is anything in the field, be it in fields of its own.
    pub(super) fn has(&self, field: &Field) -> bool {
        match field {
            Field::Meta(keys) => is_there(self.meta(), keys),
            _ => self.any(field, &mut |_| true),
        }
    }

    /// The first value as a text; empty when there is none.
    pub(super) fn text(&self, field: &Field) -> String {
        let mut text = String::new();
        self.any(field, &mut |value| {
            text.push_str(value);
            true
        });
        text
    }

    /// Whether `test` holds for any text of the event: what keywords are looked for in.
    pub(super) fn anywhere(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let named = [
            Field::ObjectName,
            Field::FullName,
            Field::Event,
            Field::ObjectType,
            Field::ObjectId,
            Field::UserId,
        ];
        named.iter().any(|field| self.any(field, test)) || every_leaf(self.meta(), test)
    }
}

fn any_in(value: &Json, keys: &[String], test: &mut dyn FnMut(&str) -> bool) -> bool {
    match (value, keys) {
        (Json::Array(items), _) => items.iter().any(|item| any_in(item, keys, test)),
        (Json::Object(members), [key, rest @ ..]) => {
            members.get(key).is_some_and(|member| any_in(member, rest, test))
        }
        (_, []) => leaf(value, test),
        _ => false,
    }
}

fn is_there(value: &Json, keys: &[String]) -> bool {
    match (value, keys) {
        (Json::Array(items), _) => items.iter().any(|item| is_there(item, keys)),
        (Json::Object(members), []) => members.values().any(|member| is_there(member, keys)),
        (Json::Object(members), [key, rest @ ..]) => {
            members.get(key).is_some_and(|member| is_there(member, rest))
        }
        (_, []) => leaf(value, &mut |_| true),
        _ => false,
    }
}

fn every_leaf(value: &Json, test: &mut dyn FnMut(&str) -> bool) -> bool {
    match value {
        Json::Array(items) => items.iter().any(|item| every_leaf(item, test)),
        Json::Object(members) => members.values().any(|member| every_leaf(member, test)),
        _ => leaf(value, test),
    }
}

fn leaf(value: &Json, test: &mut dyn FnMut(&str) -> bool) -> bool {
    match value {
        Json::String(text) => !text.is_empty() && test(text),
        Json::Number(number) => test(&number.to_string()),
        Json::Bool(truth) => test(if *truth { "true" } else { "false" }),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}
