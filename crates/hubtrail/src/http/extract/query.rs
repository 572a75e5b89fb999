//! The parameters of a query string: one struct, or several side by side, that say which there are.
//! A list is written with commas, as a repeated key, or both; an empty value counts as none. What no struct
//! knows is refused, so that a misspelt filter never widens what is found.

use std::fmt;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::value::{SeqDeserializer, StrDeserializer, StringDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use url::form_urlencoded;

use crate::http::Problem;

pub(in crate::http) struct Query<T>(pub(in crate::http) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(read(parts.uri.query().unwrap_or_default())?))
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Refused> {
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let mut asked = Asked { left: pairs.collect(), known: Vec::new() };
    let value = T::deserialize(&mut asked)?;
    match asked.left.into_iter().next() {
        Some((name, _)) => Err(Refused {
            reason: format!("there is no parameter `{name}`"),
            fix: Some(format!("the parameters are {}", asked.known.join(", "))),
            name: Some(name),
        }),
        None => Ok(value),
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Refused {
    name: Option<String>,
    reason: String,
    fix: Option<String>,
}

impl Refused {
    fn because(reason: String) -> Self {
        Self { name: None, reason, fix: None }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::because(reason.to_string())
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let fix = refused.fix.unwrap_or_else(|| "see /api/v1/openapi.json".to_owned());
        Self::invalid(&refused.name.unwrap_or_default(), refused.reason, fix)
    }
}

/// What was sent and nobody has claimed yet.
struct Asked {
    left: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl<'de> de::Deserializer<'de> for &mut Asked {
    type Error = Refused;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.known.extend(fields);
        let (own, left) =
            std::mem::take(&mut self.left).into_iter().partition(|(name, _)| fields.contains(&name.as_str()));
        self.left = left;
        visitor.visit_map(Claimed { own, current: None })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_seq(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple_struct map enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for &mut Asked {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        seed.deserialize(&mut **self).map(Some)
    }
}

/// The parameters of one struct.
struct Claimed {
    own: Vec<(String, String)>,
    current: Option<(String, Vec<String>)>,
}

impl<'de> MapAccess<'de> for Claimed {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        let Some((name, _)) = self.own.iter().find(|(_, value)| !value.trim().is_empty()) else {
            return Ok(None);
        };
        let name = name.clone();
        let (same, rest): (Vec<_>, _) =
            std::mem::take(&mut self.own).into_iter().partition(|(other, _)| *other == name);
        self.own = rest;
        let values =
            same.into_iter().map(|(_, value)| value).filter(|value| !value.trim().is_empty()).collect();
        let key = seed.deserialize(StrDeserializer::new(&name))?;
        self.current = Some((name, values));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let (name, values) = self.current.take().unwrap_or_default();
        seed.deserialize(Values(values)).map_err(|refused| Refused { name: Some(name), ..refused })
    }
}

/// All that was sent under one name, none of it empty.
struct Values(Vec<String>);

impl Values {
    fn only(self) -> Result<String, Refused> {
        match <[String; 1]>::try_from(self.0) {
            Ok([value]) => Ok(value),
            Err(_) => Err(Refused::because("it was given more than once".to_owned())),
        }
    }
}

macro_rules! parsed {
    ($($method:ident, $visit:ident, $expected:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            let text = self.only()?;
            match text.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Refused::because(format!(concat!("`{}` is not ", $expected), text))),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Values {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_string(self.only()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let parts = self.0.iter().flat_map(|value| value.split(',')).map(str::trim);
        let values: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
        visitor.visit_seq(SeqDeserializer::<_, Refused>::new(values.into_iter()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let text = self.only()?;
        if !variants.contains(&text.as_str()) {
            let reason = format!("`{text}` is not one of {}", variants.join(", "));
            return Err(Refused::because(reason));
        }
        let text: StringDeserializer<Refused> = text.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    parsed! {
        deserialize_bool, visit_bool, "`true` or `false`";
        deserialize_i64, visit_i64, "a whole number";
        deserialize_u32, visit_u32, "a whole number";
        deserialize_u64, visit_u64, "a whole number";
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Filters {
        event_type: Vec<String>,
        text: Option<String>,
    }

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    #[serde(default)]
    struct Paging {
        limit: Option<u32>,
        step: Option<Step>,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Step {
        Hour,
    }

    fn refused(query: &str) -> (String, String) {
        let problem = Problem::from(read::<(Filters, Paging)>(query).unwrap_err());
        (problem.field.unwrap(), problem.detail)
    }

    #[test]
    fn lists_are_written_with_commas_or_repeated_and_empty_is_none() {
        let query = "eventType=A,B&text=&eventType=C&limit=7&eventType=&step=hour";
        let (filters, paging): (Filters, Paging) = read(query).unwrap();
        assert_eq!(filters, Filters { event_type: ["A", "B", "C"].map(str::to_owned).into(), text: None });
        assert_eq!(paging, Paging { limit: Some(7), step: Some(Step::Hour) });
        assert_eq!(read::<Filters>("text=a+b%20c").unwrap().text.as_deref(), Some("a b c"));
    }

    #[test]
    fn what_cannot_be_accepted_is_named() {
        assert_eq!(refused("limit=ten"), ("limit".into(), "`ten` is not a whole number".into()));
        assert_eq!(refused("limit=1&limit=2"), ("limit".into(), "it was given more than once".into()));
        assert_eq!(refused("step=week"), ("step".into(), "`week` is not one of hour".into()));
        assert_eq!(refused("evenType=A"), ("evenType".into(), "there is no parameter `evenType`".into()));
        let problem = Problem::from(read::<(Filters, Paging)>("x=").unwrap_err());
        assert_eq!(problem.fix.as_deref(), Some("the parameters are eventType, text, limit, step"));
    }
}
