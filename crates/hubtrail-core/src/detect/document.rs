//! One YAML document of a rule file: a rule, a correlation, a filter, or a switch for a rule of another file.
//!
//! References between documents are resolved by the rule set. A key that is not known here is refused.

use jiff::tz::TimeZone;

use super::condition::{self, Named};
use super::correlation::{self, Draft};
use super::example::{Example, duration_ms, examples};
use super::expression::Expression;
use super::field::Field;
use super::problem::{Fault, Place};
use super::reason::Reason;
use super::selection;
use super::yaml::{Node, Value};
use crate::finding::Severity;

pub(super) enum Document {
    Rule(Box<RuleDraft>),
    Filter(Filter),
    /// `id` and `hubtrail.*` keys only: changes how a rule that is loaded elsewhere is used.
    Switch(Switch),
}

/// A rule before it is known what it refers to.
#[derive(Clone, Debug)]
pub(super) struct RuleDraft {
    pub(super) place: Place,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) ink: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) severity: Severity,
    pub(super) falsepositives: Vec<String>,
    pub(super) attack: Vec<String>,
    pub(super) own: OwnKeys,
    pub(super) body: DraftBody,
}

#[derive(Clone, Debug)]
pub(super) enum DraftBody {
    Single(Expression),
    Correlation(Draft),
}

#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) title: String,
    /// None: any rule.
    pub(super) rules: Option<Vec<(String, Place)>>,
    pub(super) expression: Expression,
}

#[derive(Clone, Debug)]
pub(super) struct Switch {
    pub(super) place: Place,
    pub(super) id: String,
    pub(super) own: OwnKeys,
}

/// The keys under `hubtrail.`.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnKeys {
    pub(super) reason: Option<Reason>,
    pub(super) response: Option<String>,
    pub(super) score: Option<f64>,
    pub(super) disabled: Option<bool>,
    pub(super) watch: Option<bool>,
    pub(super) gap_ms: Option<i64>,
    pub(super) group: Option<Vec<Field>>,
    pub(super) examples: Option<Vec<Example>>,
}

const KEYS: &[&str] = &[
    "title",
    "id",
    "name",
    "taxonomy",
    "related",
    "status",
    "description",
    "license",
    "references",
    "author",
    "date",
    "modified",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
];
const OWN_KEYS: &str = "hubtrail.reason, .response, .score, .disabled, .watch, .gap, .group-by and .examples";
const MAX_GAP_MS: i64 = 86_400_000;

pub(super) fn document(node: &Node, zone: &TimeZone) -> Result<Document, Fault> {
    let Value::Map(members) = &node.value else {
        return Err(Fault::new(node.place, "a document that is not a map", "begin it with `title: …`"));
    };
    for (key, _) in members {
        let known = KEYS.contains(&key.name.as_str()) || key.name.starts_with("hubtrail.");
        if !known {
            let reason = format!("`{}` is not a key of a Sigma rule", key.name);
            return Err(Fault::new(key.place, reason, "correct it, or remove it: its meaning would be lost"));
        }
    }
    let own = own_keys(members.iter().map(|(key, value)| (key.name.as_str(), key.place, value)))?;
    let only_own = members.iter().all(|(key, _)| key.name == "id" || key.name.starts_with("hubtrail."));
    if only_own {
        let id = text(node, "id")?.ok_or_else(|| missing(node, "id", "name the rule that is meant"))?;
        return Ok(Document::Switch(Switch { place: node.place, id, own }));
    }
    let has = |name| node.get(name).is_some();
    match (has("detection"), has("correlation"), has("filter")) {
        (true, false, false) => {
            logsource(node)?;
            rule(node, own, DraftBody::Single(detection(node, zone)?))
        }
        (false, true, false) => {
            let draft = correlation::draft(node.get("correlation").unwrap_or(node))?;
            rule(node, own, DraftBody::Correlation(draft))
        }
        (false, false, true) => filter(node, zone),
        (false, false, false) => {
            Err(missing(node, "detection", "add `detection`, `correlation` or `filter`"))
        }
        _ => Err(Fault::new(
            node.place,
            "more than one of detection, correlation and filter",
            "use a document for each",
        )),
    }
}

fn rule(node: &Node, own: OwnKeys, body: DraftBody) -> Result<Document, Fault> {
    let title = text(node, "title")?.ok_or_else(|| missing(node, "title", "say what the rule finds"))?;
    let id = text(node, "id")?;
    if let Some(id) = id.as_deref().filter(|id| !is_uuid(id)) {
        let place = node.get("id").map_or(node.place, |id| id.place);
        return Err(Fault::new(place, format!("the id `{id}` is no UUID"), "make one with uuidgen"));
    }
    let name = text(node, "name")?;
    if id.is_none() && name.is_none() {
        return Err(missing(node, "id", "make one with uuidgen; without it findings cannot be told apart"));
    }
    let severity = match text(node, "level")? {
        None => Severity::Low,
        Some(level) => level.parse().map_err(|error: crate::finding::NoSuchSeverity| {
            let place = node.get("level").map_or(node.place, |level| level.place);
            Fault::new(place, error.to_string(), "choose one of Sigma's levels")
        })?,
    };
    let mut ink = String::new();
    spell(node, &mut ink);
    Ok(Document::Rule(Box::new(RuleDraft {
        place: node.place,
        id,
        name,
        ink,
        title,
        description: text(node, "description")?.unwrap_or_default(),
        severity,
        falsepositives: texts(node, "falsepositives")?,
        attack: texts(node, "tags")?.iter().filter_map(|tag| technique(tag)).collect(),
        own,
        body,
    })))
}

/// `attack.t1565.001` as `T1565.001`; tactics and other tags are not techniques.
fn technique(tag: &str) -> Option<String> {
    let id = tag.strip_prefix("attack.t")?;
    id.starts_with(|c: char| c.is_ascii_digit()).then(|| format!("T{id}"))
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<_> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn logsource(node: &Node) -> Result<(), Fault> {
    let Some(source) = node.get("logsource") else {
        return Err(missing(node, "logsource", "add `logsource: {product: hubspot, service: cms_audit}`"));
    };
    let is = |key, wanted: &str| source.get(key).and_then(Node::scalar).is_none_or(|value| value == wanted);
    if is("product", "hubspot") && is("service", "cms_audit") && source.get("category").is_none() {
        return Ok(());
    }
    let reason = "the rule is for another log source";
    Err(Fault::new(
        source.place,
        reason,
        "use `product: hubspot` and `service: cms_audit`, if it is about HubSpot",
    ))
}

fn detection(node: &Node, zone: &TimeZone) -> Result<Expression, Fault> {
    let detection = node.get("detection").unwrap_or(node);
    named_condition(detection, &["condition"], zone)
}

/// The selections of a detection or filter, and what its condition makes of them.
fn named_condition(node: &Node, keys: &[&str], zone: &TimeZone) -> Result<Expression, Fault> {
    let Value::Map(members) = &node.value else {
        return Err(Fault::new(node.place, "not a map", "give it selections and a condition"));
    };
    let mut named = Named::new();
    for (key, value) in members {
        if key.name == "timeframe" {
            let fix = "write a correlation with a `timespan` instead";
            return Err(Fault::new(key.place, "`timeframe` is not Sigma any more", fix));
        }
        if !keys.contains(&key.name.as_str()) {
            named.push((key.name.clone(), selection::selection(value, zone)?));
        }
    }
    let condition =
        node.get("condition").ok_or_else(|| missing(node, "condition", "say which selections must hold"))?;
    let mut parts = Vec::new();
    for part in condition.items() {
        let Value::Text(text) = &part.value else {
            return Err(Fault::new(
                part.place,
                "a condition that is no text",
                "write `condition: selection`",
            ));
        };
        parts.push(condition::condition(text, part.place, &named)?);
    }
    match parts.len() {
        0 => Err(missing(node, "condition", "say which selections must hold")),
        1 => Ok(parts.remove(0)),
        _ => Ok(Expression::Any(parts)),
    }
}

fn filter(node: &Node, zone: &TimeZone) -> Result<Document, Fault> {
    logsource(node)?;
    let filter = node.get("filter").unwrap_or(node);
    let rules =
        filter.get("rules").ok_or_else(|| missing(filter, "rules", "list the rules' ids, or write `any`"))?;
    let rules = match rules.scalar() {
        Some(word) if word.eq_ignore_ascii_case("any") => None,
        _ => Some(references(rules)?),
    };
    let expression = named_condition(filter, &["condition", "rules"], zone)?;
    let title = text(node, "title")?.unwrap_or_default();
    Ok(Document::Filter(Filter { title, rules, expression }))
}

/// Ids or names of rules.
pub(super) fn references(node: &Node) -> Result<Vec<(String, Place)>, Fault> {
    let references = node.items().iter().map(|item| {
        let text = item.scalar().filter(|text| !text.is_empty());
        text.map(|text| (text, item.place)).ok_or_else(|| {
            Fault::new(
                item.place,
                format!("{} where a rule must be named", item.kind()),
                "write its id or its name",
            )
        })
    });
    references.collect()
}

fn own_keys<'a>(members: impl Iterator<Item = (&'a str, Place, &'a Node)>) -> Result<OwnKeys, Fault> {
    let mut own = OwnKeys::default();
    for (key, place, value) in members {
        let Some(name) = key.strip_prefix("hubtrail.") else { continue };
        let wrong = |wanted: &str| {
            Fault::new(value.place, format!("`{key}` is {}", value.kind()), format!("give {wanted}"))
        };
        let scalar = || value.scalar().ok_or_else(|| wrong("a text"));
        let truth = || match value.value {
            Value::Bool(truth) => Ok(Some(truth)),
            _ => Err(wrong("true or false")),
        };
        match name {
            "reason" => own.reason = Some(Reason::parse(&scalar()?, value.place)?),
            "response" => own.response = Some(scalar()?.trim().to_owned()),
            "score" => {
                let score = scalar()?.parse::<f64>().ok().filter(|score| (0.0..=100.0).contains(score));
                own.score = Some(score.ok_or_else(|| wrong("a number from 0 to 100"))?);
            }
            "disabled" => own.disabled = truth()?,
            "watch" => own.watch = truth()?,
            "gap" => {
                let gap = duration_ms(&scalar()?).filter(|gap| (1..=MAX_GAP_MS).contains(gap));
                own.gap_ms = Some(gap.ok_or_else(|| wrong("a length from 1s to 24h"))?);
            }
            "group-by" => own.group = Some(correlation::fields(value)?),
            "examples" => own.examples = Some(examples(value)?),
            _ => {
                return Err(Fault::new(
                    place,
                    format!("`{key}` is not known"),
                    format!("the keys are {OWN_KEYS}"),
                ));
            }
        }
    }
    Ok(own)
}

pub(super) fn text(node: &Node, name: &str) -> Result<Option<String>, Fault> {
    let Some(value) = node.get(name) else { return Ok(None) };
    match value.scalar() {
        Some(text) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
        _ => Err(Fault::new(value.place, format!("`{name}` is {}", value.kind()), "give it a text")),
    }
}

fn texts(node: &Node, name: &str) -> Result<Vec<String>, Fault> {
    let Some(list) = node.get(name) else { return Ok(Vec::new()) };
    let texts = list.items().iter().map(|item| {
        let reason =
            || Fault::new(item.place, format!("`{name}` holds {}", item.kind()), "give it a list of texts");
        item.scalar().ok_or_else(reason)
    });
    texts.collect()
}

pub(super) fn missing(node: &Node, name: &str, fix: &str) -> Fault {
    Fault::new(node.place, format!("`{name}` is missing"), fix)
}

/// What a document says, whatever its blanks, comments and line breaks.
fn spell(node: &Node, to: &mut String) {
    match &node.value {
        Value::List(items) => {
            to.push('[');
            items.iter().for_each(|item| spell(item, to));
            to.push(']');
        }
        Value::Map(members) => {
            to.push('{');
            for (key, value) in members.iter().filter(|(key, _)| key.name != "hubtrail.examples") {
                to.push_str(&format!("{:?}:", key.name));
                spell(value, to);
            }
            to.push('}');
        }
        _ => to.push_str(&format!("{:?},", node.scalar())),
    }
}
