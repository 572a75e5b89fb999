//! The fields of a form that was sent, and what is wrong with one of them.

use std::collections::HashMap;

use axum::extract::{FromRequest, RawForm, Request};
use secrecy::SecretString;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::http::Problem;

/// All fields of a form, each as often as it was sent. It has no `Debug`: some of them are secret.
pub(super) struct Fields(HashMap<String, Vec<Zeroizing<String>>>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let RawForm(body) = RawForm::from_request(request, state)
            .await
            .map_err(|error| Problem::invalid("", error.body_text(), "send the form again"))?;
        let mut fields = HashMap::<String, Vec<_>>::new();
        for (name, value) in form_urlencoded::parse(&body) {
            fields.entry(name.into_owned()).or_default().push(Zeroizing::new(value.into_owned()));
        }
        Ok(Self(fields))
    }
}

impl Fields {
    /// The text without blanks around it; empty when the field was not sent.
    pub(super) fn text(&self, name: &str) -> String {
        self.first(name).trim().to_owned()
    }

    /// As it was typed. None: left blank.
    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        let given = self.first(name);
        (!given.trim().is_empty()).then(|| SecretString::from(given))
    }

    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.get(name).into_iter().flatten().map(|value| value.trim().to_owned()).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn first(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", |value| value.as_str())
    }
}

/// The field that a form was refused for; the form says so where the field is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    field: String,
    pub(super) what: String,
    pub(super) fix: String,
}

impl Wrong {
    pub(super) fn new(field: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { field: field.to_owned(), what: sentence(&what.into()), fix: sentence(&fix.into()) }
    }

    pub(super) fn is(&self, field: &str) -> bool {
        !self.what.is_empty() && self.field == field
    }

    /// Whether it is a part of this one: `batch.bytes` of `batch`.
    pub(super) fn is_within(&self, part: &str) -> bool {
        self.is(part) || self.field.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'))
    }

    /// Something is wrong that none of the form's fields is to blame for.
    pub(super) fn is_general(&self) -> bool {
        self.is("")
    }
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Self {
        Self::new(&problem.field.unwrap_or_default(), problem.detail, problem.fix.unwrap_or_default())
    }
}

/// Problems begin lower-case and end open, as they may be part of a longer text. On a page they are sentences.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let (first, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    let end = if text.is_empty() || text.ends_with(['.', '?', ':']) { "" } else { "." };
    // An address or a name in code stays as it is written.
    let word = match first {
        "hubspot" => "HubSpot".to_owned(),
        "hubtrail" => "Hubtrail".to_owned(),
        first if first.contains(['/', '`', '_', '.']) => first.to_owned(),
        first => first.chars().take(1).flat_map(char::to_uppercase).chain(first.chars().skip(1)).collect(),
    };
    format!("{word}{rest}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_becomes_a_sentence_at_its_field() {
        let wrong = Wrong::from(Problem::invalid("name", "it is empty", "use 1 to 100 characters"));
        assert!(wrong.is("name") && !wrong.is("token") && !wrong.is_general());
        assert_eq!((wrong.what.as_str(), wrong.fix.as_str()), ("It is empty.", "Use 1 to 100 characters."));
        assert!(!Wrong::default().is("") && !Wrong::default().is_within("batch"));
        let bytes = Wrong::new("batch.bytes", "no", "");
        assert!(bytes.is_within("batch") && !bytes.is_within("bat") && !bytes.is("batch"));
        assert_eq!(sentence("élan?"), "Élan?");
    }
}
