//! Where a sink delivers to, as its form holds it: the settings of its kind as texts, without its secrets.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::line::KINDS;
use super::setting::{self, Form, Setting};
use crate::http::Problem;
use crate::sink::{NewCredentials, Target};
use crate::ui::fields::Fields;

pub(super) struct Place {
    pub(super) kind: &'static str,
    /// What most people set.
    pub(super) main: Vec<Field>,
    pub(super) more: Vec<Field>,
    pub(super) method: String,
    pub(super) user: String,
    pub(super) header: String,
}

pub(super) struct Field {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) setting: &'static Setting,
}

impl Field {
    pub(super) fn is_flag(&self) -> bool {
        self.setting.form == Form::Flag
    }

    pub(super) fn is_needed(&self) -> bool {
        self.setting.form == Form::Needed
    }

    /// Takes several lines.
    pub(super) fn is_long(&self) -> bool {
        matches!(self.setting.form, Form::Lines | Form::Headers)
    }

    pub(super) fn is_small(&self) -> bool {
        !self.is_flag() && !self.is_long()
    }

    pub(super) fn choices(&self) -> &'static [(&'static str, &'static str)] {
        if let Form::Choice(choices) = self.setting.form { choices } else { &[] }
    }
}

/// A key that is known, as we hold it; else the first.
fn known(kind: &str) -> &'static str {
    KINDS.into_iter().find(|(own, _)| *own == kind).unwrap_or(KINDS[0]).0
}

/// A target of this kind as it usually is. Its address is an example: whoever adds one says another.
fn usual(kind: &str) -> Value {
    let least =
        json!({ "kind": kind, "url": "https://example.org", "address": "example.org:1", "path": "x" });
    let needed = |name: &str| setting::of(kind).0.iter().any(|setting| setting.at == name);
    let own: serde_json::Map<_, _> = least
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name == "kind" || needed(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    written(serde_json::from_value::<Target>(own.clone().into()).ok().as_ref()).unwrap_or(own.into())
}

fn written(target: Option<&Target>) -> Option<Value> {
    serde_json::to_value(target?).ok()
}

/// As a browser sends it back: lines end in another way, and what stands around them is not kept.
fn as_sent(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

impl Place {
    pub(super) fn blank(kind: &str) -> Self {
        let kind = known(kind);
        let usual = usual(kind);
        let text = |setting: &Setting| match setting.form {
            Form::Needed => String::new(),
            _ => setting.text(&usual),
        };
        Self::new(kind, text, |_| String::new())
    }

    pub(super) fn holding(target: &Target) -> Self {
        let held = written(Some(target)).unwrap_or_default();
        let auth = |name: &str| held["auth"][name].as_str().unwrap_or_default().to_owned();
        Self::new(known(target.kind()), |setting| setting.text(&held), auth)
    }

    pub(super) fn of(fields: &Fields) -> Self {
        let text = |setting: &Setting| as_sent(&fields.text(&setting.name()));
        Self::new(known(&fields.text("kind")), text, |name| fields.text(&format!("target.auth.{name}")))
    }

    fn new(kind: &'static str, text: impl Fn(&Setting) -> String, auth: impl Fn(&str) -> String) -> Self {
        let (main, more) = setting::of(kind);
        let field = |setting: &'static Setting| Field { name: setting.name(), text: text(setting), setting };
        Self {
            kind,
            main: main.iter().map(field).collect(),
            more: more.into_iter().flatten().map(field).collect(),
            method: Some(auth("method")).filter(|own| !own.is_empty()).unwrap_or_else(|| "none".to_owned()),
            user: auth("user"),
            header: auth("header"),
        }
    }

    pub(super) fn has_small(&self) -> bool {
        self.more.iter().any(Field::is_small)
    }

    pub(super) fn methods(&self) -> &'static [(&'static str, &'static str)] {
        setting::methods(self.kind)
    }

    /// Whether what is rarely needed is as it usually is.
    pub(super) fn is_usual(&self) -> bool {
        let usual = Self::blank(self.kind);
        self.more.iter().zip(&usual.more).all(|(own, usual)| own.text == usual.text)
    }

    /// Whether it may show a certificate of its own.
    pub(super) fn takes_certificate(&self) -> bool {
        self.more.iter().any(|field| field.setting.at == "connection.clientCertificate")
    }

    /// What its secret is called, where it has one.
    pub(super) fn secret(&self) -> Option<&'static str> {
        match self.kind {
            "splunk_hec" => Some("HEC token"),
            "elasticsearch" => Some("API key or password"),
            "http" | "dnif" => Some("Token, password or signing secret"),
            _ => None,
        }
    }

    /// In the form of the API, so that both are checked by the same rules. What is not touched stays as it is held,
    /// also what the form does not show.
    pub(super) fn read(&self, held: Option<&Target>) -> Result<Target, Problem> {
        let held = held.filter(|held| held.kind() == self.kind);
        let mut target = written(held).unwrap_or_else(|| usual(self.kind));
        for field in self.main.iter().chain(&self.more) {
            let Field { setting, name, text } = field;
            let is_held = held.is_some() || setting.form != Form::Needed;
            if is_held && as_sent(&setting.text(&target)) == *text {
                continue;
            }
            setting.put(&mut target, text)?;
            parsed(&target).map_err(|error| Problem::invalid(name, error, setting.fix()))?;
        }
        if !self.methods().is_empty() {
            target["auth"] = self.auth();
        }
        parsed(&target)
            .map_err(|error| Problem::invalid("target.auth.method", error, "choose one of the list"))
    }

    fn auth(&self) -> Value {
        let mut auth = json!({ "method": self.method });
        match self.method.as_str() {
            "basic" => auth["user"] = self.user.as_str().into(),
            "shared_secret" | "hmac" => auth["header"] = self.header.as_str().into(),
            _ => {}
        }
        auth
    }

    /// One field holds the secret, whichever it is. Whoever signs in with nothing gives none.
    pub(super) fn credentials(&self, fields: &Fields) -> NewCredentials {
        let secret: Option<SecretString> = fields.secret("secret");
        let key = fields.secret("credentials.clientKey");
        let mut new = NewCredentials {
            client_key: key.filter(|_| self.takes_certificate()),
            ..NewCredentials::default()
        };
        match (self.kind, self.method.as_str()) {
            ("splunk_hec", _) | (_, "bearer" | "api_key" | "shared_secret") => new.token = secret,
            (_, "basic") => new.password = secret,
            (_, "standard_webhooks" | "hmac") => new.signing_secret = secret,
            _ => {}
        }
        new
    }
}

fn parsed(target: &Value) -> Result<Target, String> {
    serde_json::from_value(target.clone()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(json: Value) -> Target {
        serde_json::from_value(json).unwrap()
    }

    fn put(place: &mut Place, name: &str, text: &str) {
        let field = place.main.iter_mut().chain(&mut place.more).find(|field| field.setting.at == name);
        text.clone_into(&mut field.unwrap().text);
    }

    #[test]
    fn every_kind_has_a_form_that_becomes_its_usual_target() {
        for (kind, _) in KINDS {
            let mut place = Place::blank(kind);
            assert_eq!((place.kind, place.method.as_str()), (kind, "none"));
            let needed: Vec<_> = place.main.iter().filter(|field| field.is_needed()).collect();
            assert!(needed.iter().all(|field| field.text.is_empty()), "{kind}");
            if let Some(needed) = needed.first() {
                let (name, at) = (needed.name.clone(), needed.setting.at);
                let refused = place.read(None).err().map(|problem| problem.field.unwrap_or_default());
                // What only a check refuses is refused there: a file without a name, and an address without a port.
                assert!(refused.is_none_or(|field| field == name), "{kind}");
                put(&mut place, at, if at == "url" { "https://a.example/" } else { "a.example:1" });
            }
            assert_eq!(place.read(None).unwrap().kind(), kind);
        }
    }

    #[test]
    fn what_is_not_touched_stays_as_it_is_held_also_what_the_form_does_not_show() {
        let held = target(json!({
            "kind": "http", "url": "https://a.example/x", "headers": { "X-A": " b " },
            "auth": { "method": "hmac", "header": "X-Sign" },
            "connection": { "ca": "-----BEGIN\nA\n-----END\n", "allowLinkLocal": true },
        }));
        let mut place = Place::holding(&held);
        for field in &mut place.more {
            field.text = as_sent(&field.text.replace('\n', "\r\n"));
        }
        assert_eq!(place.read(Some(&held)).unwrap(), held);
        assert!(!place.is_usual() && Place::blank("http").is_usual());
        put(&mut place, "headers", "X-A: c\n\nX-B: d: e");
        put(&mut place, "gzip", "yes");
        let Target::Http(changed) = place.read(Some(&held)).unwrap() else { panic!("of another kind") };
        assert_eq!(
            changed.headers.into_iter().collect::<Vec<_>>(),
            [("X-A".to_owned(), "c".to_owned()), ("X-B".to_owned(), "d: e".to_owned())]
        );
        assert!(changed.gzip && changed.connection.allow_link_local);
        let elsewhere = Place::blank("file");
        assert_eq!(
            elsewhere.read(Some(&held)).unwrap().kind(),
            "file",
            "nothing of the other kind comes along"
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused_at_its_setting() {
        for (kind, name, text) in [
            ("http", "url", "siem"),
            ("http", "headers", "no colon"),
            ("syslog", "facility", "many"),
            ("syslog", "facility", "300"),
            ("syslog", "transport", "pigeon"),
            ("file", "rotateMs", "often"),
        ] {
            let mut place = Place::blank(kind);
            let needed = place.main[0].setting.at;
            put(&mut place, needed, "https://a.example/");
            put(&mut place, name, text);
            let field = place.read(None).unwrap_err().field;
            assert_eq!(field, Some(format!("target.{name}")), "{kind} {text}");
        }
    }
}
