//! What a form lets one choose from, or a page names: each by its key and its name for people.

use crate::connector::Connector;

pub(super) struct Named {
    pub(super) key: String,
    pub(super) word: String,
}

/// The accounts to choose from. One that is gone stays among them as long as it is chosen.
pub(super) fn accounts(connectors: &[Connector], chosen: &[String]) -> Vec<Named> {
    let known = connectors
        .iter()
        .filter(|connector| !connector.removed || chosen.contains(&connector.id.to_string()))
        .map(|connector| Named { key: connector.id.to_string(), word: connector.name().to_owned() });
    with_unknown(known.collect(), chosen, |key| format!("Number {key}, which is gone"))
}

pub(super) fn with_unknown(
    mut known: Vec<Named>,
    chosen: &[String],
    word: impl Fn(&str) -> String,
) -> Vec<Named> {
    for key in chosen {
        if known.iter().all(|own| own.key != *key) {
            known.push(Named { key: key.clone(), word: word(key) });
        }
    }
    known
}

/// Those that were chosen, by name. None chosen: all.
pub(super) fn names(known: &[Named], chosen: &[String]) -> String {
    if chosen.is_empty() {
        return "all".to_owned();
    }
    let names = known.iter().filter(|own| chosen.contains(&own.key)).map(|own| own.word.as_str());
    names.collect::<Vec<_>>().join(", ")
}
