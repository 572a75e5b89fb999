//! From drafts to rules: references become indices, filters become part of what they filter.

use std::collections::BTreeSet;

use hex::encode;
use sha2::{Digest, Sha256};

use super::{Drafts, Placed};
use crate::detect::correlation::Draft;
use crate::detect::document::{DraftBody, Filter, RuleDraft};
use crate::detect::expression::Expression;
use crate::detect::field::Field;
use crate::detect::problem::{Fault, Place, Problem};
use crate::detect::reason::Reason;
use crate::detect::rule::{Body, Correlation, Input, Origin, Rule, What};
use crate::detect::selection;
use crate::finding::Severity;

const HOUR_MS: i64 = 3_600_000;

pub(super) fn resolve(drafts: Drafts) -> (Vec<Rule>, Vec<Problem>) {
    let Drafts { mut rules, filters, .. } = drafts;
    let mut problems = Vec::new();
    for filter in &filters {
        apply(filter, &mut rules, &mut problems);
    }
    let silent = silent(&rules);
    let mut resolved: Vec<Rule> = Vec::new();
    // Whatever refers to known rules only becomes known; what never does is in a circle or lacks a rule.
    loop {
        let before = rules.len();
        let mut waiting = Vec::new();
        for rule in rules {
            match body(&rule, &resolved) {
                Ok(Some(body)) => resolved.push(finished(&rule, body, &silent)),
                Ok(None) => waiting.push(rule),
                Err(fault) => problems.push(rule.problem(fault)),
            }
        }
        rules = waiting;
        if rules.is_empty() || rules.len() == before {
            break;
        }
    }
    problems.extend(rules.iter().map(|rule| rule.problem(dangling(rule, &rules, &resolved))));
    (resolved, problems)
}

fn is_called(rule: &RuleDraft, reference: &str) -> bool {
    rule.id.as_deref() == Some(reference) || rule.name.as_deref() == Some(reference)
}

fn apply(filter: &Placed<Filter>, rules: &mut [Placed<RuleDraft>], problems: &mut Vec<Problem>) {
    let add = |rule: &mut RuleDraft| match &mut rule.body {
        DraftBody::Single(expression) => {
            rule.ink.push_str(&format!("filter {:?}", filter.draft.title));
            let unfiltered = std::mem::replace(expression, Expression::All(Vec::new()));
            *expression = Expression::All(vec![unfiltered, filter.draft.expression.clone()]);
            true
        }
        DraftBody::Correlation(_) => false,
    };
    let Some(references) = &filter.draft.rules else {
        rules.iter_mut().for_each(|rule| {
            add(&mut rule.draft);
        });
        return;
    };
    for (reference, place) in references {
        let found = rules.iter_mut().find(|rule| is_called(&rule.draft, reference));
        match found.map(|rule| add(&mut rule.draft)) {
            Some(true) => {}
            Some(false) => {
                let reason = format!("the filter is for the correlation `{reference}`");
                let fix = "filter the rules that the correlation refers to";
                problems.push(filter.problem(Fault::new(*place, reason, fix)));
            }
            None => {
                let reason = format!("there is no rule `{reference}` to filter");
                problems.push(filter.problem(Fault::new(*place, reason, "correct its id or name")));
            }
        }
    }
}

/// Building blocks: named by correlations, none of which asks for their findings as well.
fn silent(rules: &[Placed<RuleDraft>]) -> BTreeSet<String> {
    let (mut named, mut generated) = (BTreeSet::new(), BTreeSet::new());
    for rule in rules {
        if let DraftBody::Correlation(draft) = &rule.draft.body {
            let to = if draft.generate { &mut generated } else { &mut named };
            to.extend(draft.rules.iter().map(|(reference, _)| reference.clone()));
        }
    }
    named.difference(&generated).cloned().collect()
}

/// What a rule is made of; none while it refers to a rule that is not resolved yet.
fn body(rule: &Placed<RuleDraft>, resolved: &[Rule]) -> Result<Option<Body>, Fault> {
    let draft = match &rule.draft.body {
        DraftBody::Single(expression) => {
            let group = rule.draft.own.group.clone().unwrap_or_else(|| vec![Field::UserId]);
            return Ok(Some(Body::Single { expression: expression.clone(), group }));
        }
        DraftBody::Correlation(draft) => draft,
    };
    let mut inputs = Vec::new();
    for (reference, place) in &draft.rules {
        let called = |other: &&Rule| other.id == *reference || other.name.as_deref() == Some(reference);
        let Some(at) = resolved.iter().position(|other| called(&other)) else { return Ok(None) };
        if inputs.iter().any(|input: &Input| input.rule == at) {
            return Err(Fault::new(*place, format!("`{reference}` is named twice"), "name each rule once"));
        }
        inputs.push(input(draft, at, &resolved[at], reference)?);
    }
    if let What::Rules(threshold) = draft.what
        && threshold > inputs.len()
    {
        let reason = format!("{threshold} different rules of {}", inputs.len());
        return Err(Fault::new(rule.draft.place, reason, "lower the threshold"));
    }
    Ok(Some(Body::Correlation(Correlation { what: draft.what, timespan_ms: draft.timespan_ms, inputs })))
}

fn input(draft: &Draft, at: usize, rule: &Rule, reference: &str) -> Result<Input, Fault> {
    // Aliases may call a rule by its name where the list has its id.
    let names = [Some(reference), rule.name.as_deref(), Some(rule.id.as_str())];
    let field = |name: &(String, Place)| {
        let known = |called: &&str| {
            draft
                .aliases
                .iter()
                .any(|alias| alias.name == name.0 && alias.fields.iter().any(|(of, ..)| of == called))
        };
        draft.field(name, names.into_iter().flatten().find(|called| known(called)).unwrap_or(reference))
    };
    let group = draft.group.iter().map(field).collect::<Result<_, _>>()?;
    let value = draft.value.as_ref().map(|(name, place)| selection::field(name, *place)).transpose()?;
    Ok(Input { rule: at, group, value })
}

fn dangling(rule: &Placed<RuleDraft>, waiting: &[Placed<RuleDraft>], resolved: &[Rule]) -> Fault {
    let DraftBody::Correlation(draft) = &rule.draft.body else {
        return Fault::new(rule.draft.place, "it was never resolved", "report this");
    };
    for (reference, place) in &draft.rules {
        let known =
            resolved.iter().any(|other| other.id == *reference || other.name.as_deref() == Some(reference));
        let waits = waiting.iter().any(|other| is_called(&other.draft, reference));
        if !known && !waits {
            let reason = format!("there is no usable rule `{reference}`");
            return Fault::new(*place, reason, "correct its id or name, or mend that rule");
        }
    }
    Fault::new(
        rule.draft.place,
        "it refers to itself, or to a correlation that cannot be used",
        "break the circle",
    )
}

fn finished(rule: &Placed<RuleDraft>, body: Body, silent: &BTreeSet<String>) -> Rule {
    let draft = &rule.draft;
    let own = &draft.own;
    let id = draft.id.clone().or_else(|| draft.name.clone()).unwrap_or_default();
    let is_silent = silent.contains(&id) || draft.name.as_ref().is_some_and(|name| silent.contains(name));
    let enabled = !own.disabled.unwrap_or(false);
    let timespan_ms = match &body {
        Body::Single { .. } => 0,
        Body::Correlation(correlation) => correlation.timespan_ms,
    };
    Rule {
        version: encode(&Sha256::digest(draft.ink.as_bytes())[..4]),
        id,
        name: draft.name.clone(),
        title: draft.title.clone(),
        description: draft.description.clone(),
        severity: draft.severity,
        falsepositives: draft.falsepositives.clone(),
        attack: draft.attack.clone(),
        response: own.response.clone().unwrap_or_default(),
        score: own.score.unwrap_or_else(|| score(draft.severity)),
        origin: Origin { file: rule.file.clone(), place: draft.place, layer: rule.layer },
        raises: enabled && !is_silent,
        enabled,
        block: is_silent,
        watch: own.watch.unwrap_or(false),
        examples: own.examples.clone().unwrap_or_default(),
        reason: own.reason.clone().unwrap_or_else(|| stock(&body)),
        gap_ms: own.gap_ms.unwrap_or(HOUR_MS).max(timespan_ms),
        body,
    }
}

fn score(severity: Severity) -> f64 {
    match severity {
        Severity::Informational => 5.0,
        Severity::Low => 20.0,
        Severity::Medium => 40.0,
        Severity::High => 60.0,
        Severity::Critical => 80.0,
    }
}

/// The sentence of a rule that brings none.
fn stock(body: &Body) -> Reason {
    let text = match body {
        Body::Single { .. } => "{who} {did} {object}",
        Body::Correlation(Correlation { what: What::Together | What::InOrder | What::Rules(_), .. }) => {
            "{who}: {rules} within {span}"
        }
        Body::Correlation(_) => "{who}: {kinds} within {span}",
    };
    Reason::parse(text, Place::default()).unwrap_or_else(|_| Reason::empty())
}
