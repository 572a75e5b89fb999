//! A correlation as written: its type, the rules it refers to, the window and the condition.

use super::document::{missing, references, text};
use super::example::duration_ms;
use super::field::Field;
use super::problem::{Fault, Place};
use super::rule::What;
use super::selection;
use super::yaml::{Node, Value};

/// Longer windows would have to be kept in memory for as long.
const MAX_TIMESPAN_MS: i64 = 30 * 86_400_000;
/// A rule's place among the inputs is a bit.
pub(super) const MAX_RULES: usize = 64;
/// More would have to be kept for each group.
const MAX_THRESHOLD: usize = 10_000;
/// The field that Hubtrail fills in: which of the rules it was.
const RULE_FIELD: &str = "hubtrail.rule";

#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) what: What,
    pub(super) rules: Vec<(String, Place)>,
    pub(super) group: Vec<(String, Place)>,
    pub(super) aliases: Vec<Alias>,
    pub(super) value: Option<(String, Place)>,
    pub(super) timespan_ms: i64,
    /// The rules referred to raise findings of their own as well.
    pub(super) generate: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) fields: Vec<(String, String, Place)>,
}

pub(super) fn draft(node: &Node) -> Result<Draft, Fault> {
    let Value::Map(members) = &node.value else {
        return Err(Fault::new(node.place, "`correlation` is not a map", "give it type, rules and timespan"));
    };
    let known = ["type", "rules", "group-by", "timespan", "condition", "aliases", "generate"];
    if let Some((key, _)) = members.iter().find(|(key, _)| !known.contains(&key.name.as_str())) {
        let reason = format!("a correlation has no key `{}`", key.name);
        return Err(Fault::new(key.place, reason, format!("the keys are {}", known.join(", "))));
    }
    let rules =
        references(node.get("rules").ok_or_else(|| missing(node, "rules", "list the rules' ids or names"))?)?;
    if rules.len() > MAX_RULES {
        return Err(Fault::new(
            node.place,
            "too many rules in one correlation",
            format!("use {MAX_RULES} at most"),
        ));
    }
    let (what, value) = what(node, rules.len())?;
    let generate = match node.get("generate").map(|node| (&node.value, node)) {
        None => false,
        Some((Value::Bool(generate), _)) => *generate,
        Some((_, node)) => {
            return Err(Fault::new(node.place, "`generate` is no truth value", "write true or false"));
        }
    };
    let group = node.get("group-by").map_or(Ok(Vec::new()), references)?;
    Ok(Draft {
        what,
        rules,
        group,
        aliases: aliases(node)?,
        value,
        timespan_ms: timespan_ms(node)?,
        generate,
    })
}

fn timespan_ms(node: &Node) -> Result<i64, Fault> {
    let place = node.get("timespan").map_or(node.place, |timespan| timespan.place);
    let written =
        text(node, "timespan")?.ok_or_else(|| missing(node, "timespan", "give it a length such as 10m"))?;
    let length = duration_ms(&written).filter(|length| (1..=MAX_TIMESPAN_MS).contains(length));
    length.ok_or_else(|| {
        let reason = format!("the timespan `{written}` cannot be used");
        Fault::new(place, reason, "give a number with s, m, h or d, of 30d at most")
    })
}

fn what(node: &Node, rules: usize) -> Result<(What, Option<(String, Place)>), Fault> {
    let kind = text(node, "type")?.ok_or_else(|| missing(node, "type", "write event_count, for example"))?;
    let place = node.get("type").map_or(node.place, |kind| kind.place);
    match kind.as_str() {
        "event_count" => {
            let (threshold, field) = threshold(node)?;
            match field {
                Some((_, place)) => Err(Fault::new(place, "event_count has no field", "use value_count")),
                None => Ok((What::Count(threshold), None)),
            }
        }
        "value_count" => {
            let (threshold, field) = threshold(node)?;
            let (name, place) =
                field.ok_or_else(|| missing(node, "condition.field", "name what is counted"))?;
            if name == RULE_FIELD {
                return Ok((What::Rules(threshold), None));
            }
            Ok((What::Values(threshold), Some((name, place))))
        }
        "temporal" | "temporal_ordered" if node.get("condition").is_some() => Err(Fault::new(
            place,
            format!("{kind} takes no condition here"),
            "leave it out: each of the rules must match",
        )),
        "temporal" | "temporal_ordered" if rules < 2 => {
            Err(Fault::new(place, format!("{kind} of one rule"), "list two rules or more"))
        }
        "temporal" => Ok((What::Together, None)),
        "temporal_ordered" => Ok((What::InOrder, None)),
        _ => {
            let fix = "the types are event_count, value_count, temporal and temporal_ordered";
            Err(Fault::new(place, format!("the correlation type `{kind}` is not supported"), fix))
        }
    }
}

/// How many it takes, and what `field` says.
fn threshold(node: &Node) -> Result<(usize, Option<(String, Place)>), Fault> {
    let condition =
        node.get("condition").ok_or_else(|| missing(node, "condition", "write `condition: {gte: 10}`"))?;
    let Value::Map(members) = &condition.value else {
        return Err(Fault::new(
            condition.place,
            "the condition is not a map",
            "write `condition: {gte: 10}`",
        ));
    };
    let mut threshold = None;
    let mut field = None;
    for (key, value) in members {
        let number = || {
            let number = value.scalar().and_then(|text| text.parse::<usize>().ok());
            number.ok_or_else(|| {
                Fault::new(value.place, "a threshold that is no whole number", "write a number")
            })
        };
        match key.name.as_str() {
            "gte" if threshold.is_none() => threshold = Some(number()?),
            "gt" if threshold.is_none() => threshold = Some(number()?.saturating_add(1)),
            "field" => field = value.scalar().map(|name| (name, value.place)),
            "lt" | "lte" | "eq" | "neq" => {
                let reason = format!(
                    "`{}`: that something stays rare is known only when its window has passed",
                    key.name
                );
                return Err(Fault::new(key.place, reason, "use gte or gt"));
            }
            _ => {
                let reason = format!("`{}` cannot stand in this condition", key.name);
                return Err(Fault::new(
                    key.place,
                    reason,
                    "use one of gte and gt, and field for value_count",
                ));
            }
        }
    }
    let place = condition.place;
    let threshold =
        threshold.ok_or_else(|| Fault::new(place, "a condition without a number", "write `gte: 10`"))?;
    if threshold == 0 || threshold > MAX_THRESHOLD {
        let reason = format!("a threshold of {threshold}");
        return Err(Fault::new(place, reason, format!("use 1 to {MAX_THRESHOLD}")));
    }
    Ok((threshold, field))
}

fn aliases(node: &Node) -> Result<Vec<Alias>, Fault> {
    let Some(aliases) = node.get("aliases") else { return Ok(Vec::new()) };
    let shape = |node: &Node| {
        Fault::new(node.place, "aliases of another form", "write `aliases: {who: {rule_name: userId}}`")
    };
    let Value::Map(members) = &aliases.value else { return Err(shape(aliases)) };
    let aliases = members.iter().map(|(key, rules)| {
        let Value::Map(fields) = &rules.value else { return Err(shape(rules)) };
        let fields = fields.iter().map(|(rule, field)| {
            Ok((rule.name.clone(), field.scalar().ok_or_else(|| shape(field))?, field.place))
        });
        Ok(Alias { name: key.name.clone(), fields: fields.collect::<Result<_, Fault>>()? })
    });
    aliases.collect()
}

impl Draft {
    /// The field that a name stands for in events of a rule.
    pub(super) fn field(&self, name: &(String, Place), rule: &str) -> Result<Field, Fault> {
        let alias = self.aliases.iter().find(|alias| alias.name == name.0);
        let Some(alias) = alias else { return selection::field(&name.0, name.1) };
        match alias.fields.iter().find(|(of, ..)| of == rule) {
            Some((_, field, place)) => selection::field(field, *place),
            None => {
                let reason = format!("the alias `{}` says nothing about the rule `{rule}`", name.0);
                Err(Fault::new(name.1, reason, "name its field in the alias"))
            }
        }
    }
}

pub(super) fn fields(node: &Node) -> Result<Vec<Field>, Fault> {
    references(node)?.iter().map(|(name, place)| selection::field(name, *place)).collect()
}
