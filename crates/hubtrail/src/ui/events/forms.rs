//! The record in every form in which it can be forwarded, each to copy.

use hubtrail_core::encode::{Encoding, Format};
use hubtrail_core::sentence::harmless;

use super::detail::pretty;
use crate::known::Known;
use crate::store::Entry;

pub(super) struct Form {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) text: String,
}

const FORMS: [(Format, &str); 6] = [
    (Format::Raw, "Raw"),
    (Format::Ocsf, "OCSF"),
    (Format::Ecs, "ECS"),
    (Format::Dnif, "DNIF"),
    (Format::Cef, "CEF"),
    (Format::Leef, "LEEF"),
];

pub(super) fn forms(entry: &Entry, known: &Known) -> Vec<Form> {
    let item = known.item(entry);
    let form = |(format, name): (Format, &'static str)| {
        let mut line = Vec::new();
        Encoding { format, original: false }.encode(&item, &mut line);
        let line = String::from_utf8_lossy(&line);
        let text = if format.is_json() { pretty(&line) } else { harmless(&line).into_owned() };
        Form { id: format.as_str(), name, text }
    };
    FORMS.into_iter().map(form).collect()
}
