//! The API as its own document describes it, for reading.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{RawQuery, State};
use serde_json::Value;
use url::form_urlencoded;

use super::{Tab, tabs};
use crate::http::App;
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page};
use crate::ui::prose::Prose;
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "settings_api.html")]
struct Api {
    frame: Frame,
    tabs: Vec<Tab>,
    told: Prose,
    tags: Vec<Tag>,
    operations: Vec<Operation>,
    shapes: Vec<Shape>,
}

struct Tag {
    word: String,
    href: String,
    current: bool,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    told: Vec<Prose>,
    parameters: Vec<Field>,
    body: Option<Kind>,
    answers: Vec<Answer>,
}

struct Answer {
    status: String,
    told: Prose,
    kind: Option<Kind>,
}

/// An object of the replies or requests.
struct Shape {
    name: String,
    told: Prose,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    place: String,
    required: bool,
    kind: Kind,
    told: Prose,
}

/// A type in words; one that has a name leads to its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kind {
    word: String,
    shape: Option<String>,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// `GET /settings/api`
pub(super) async fn show(State(app): State<App>, viewer: Viewer, RawQuery(query): RawQuery) -> Page {
    let document = crate::http::document();
    let wanted = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "tag").then(|| value.into_owned()));
    let all = operations(&document);
    let known: BTreeSet<&str> = all.iter().map(|(_, _, operation)| tag(operation)).collect();
    let wanted = wanted.filter(|tag| known.contains(tag.as_str())).unwrap_or_else(|| "events".to_owned());
    let own: Vec<_> = all.iter().filter(|(_, _, operation)| tag(operation) == wanted).collect();
    let names = shape_names(&document, &own.iter().map(|(.., operation)| *operation).collect::<Vec<_>>());
    let frame = Frame::load(&app, &viewer, Place::Settings, "API").await?;
    page(&Api {
        tabs: tabs(&frame, "/settings/api"),
        frame,
        told: prose(&document["info"]["description"]),
        tags: known
            .iter()
            .map(|tag| Tag {
                word: (*tag).to_owned(),
                href: format!("/settings/api?tag={tag}"),
                current: *tag == wanted,
            })
            .collect(),
        operations: own.iter().map(|(path, method, operation)| told(path, method, operation)).collect(),
        shapes: names.iter().map(|name| shape(&document, name)).collect(),
    })
}

fn operations(document: &Value) -> Vec<(&str, &'static str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| Some((path.as_str(), method, item.get(method)?)))
    });
    each.collect()
}

fn tag(operation: &Value) -> &str {
    operation["tags"][0].as_str().unwrap_or("service")
}

fn prose(text: &Value) -> Prose {
    Prose::new(&text.as_str().unwrap_or_default().replace('\n', " "))
}

fn told(path: &str, method: &str, operation: &Value) -> Operation {
    let text = operation["description"].as_str().unwrap_or_default();
    let paragraphs = text.split("\n\n").filter(|text| !text.trim().is_empty());
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let answers = operation["responses"].as_object().into_iter().flatten();
    Operation {
        id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
        method: method.to_uppercase(),
        path: format!("/api/v1{path}"),
        summary: operation["summary"].as_str().unwrap_or_default().to_owned(),
        told: paragraphs.map(|text| Prose::new(&text.replace('\n', " "))).collect(),
        parameters: parameters
            .map(|parameter| Field {
                name: parameter["name"].as_str().unwrap_or_default().to_owned(),
                place: parameter["in"].as_str().unwrap_or_default().to_owned(),
                required: parameter["required"] == true,
                kind: kind(&parameter["schema"]),
                told: prose(&parameter["description"]),
            })
            .collect(),
        body: content(&operation["requestBody"]).map(kind),
        answers: answers
            .map(|(status, answer)| Answer {
                status: if status == "default" { "other".to_owned() } else { status.clone() },
                told: prose(&answer["description"]),
                kind: content(answer).map(kind),
            })
            .collect(),
    }
}

fn content(of: &Value) -> Option<&Value> {
    Some(&of["content"].as_object()?.values().next()?["schema"])
}

fn kind(schema: &Value) -> Kind {
    if let Some(name) = reference(schema) {
        return Kind { word: name.to_owned(), shape: Some(name.to_owned()) };
    }
    let choice = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|key| schema[key].as_array());
    if let Some(ones) = choice {
        let kinds: Vec<Kind> = ones.iter().filter(|one| one["type"] != "null").map(kind).collect();
        let word = kinds.iter().map(|kind| kind.word.as_str()).collect::<Vec<_>>().join(" or ");
        return Kind { word, shape: kinds.into_iter().find_map(|kind| kind.shape) };
    }
    if let Some(values) = schema["enum"].as_array() {
        let words: Vec<_> = values.iter().filter_map(Value::as_str).collect();
        return Kind { word: words.join(" | "), shape: None };
    }
    let types = match &schema["type"] {
        Value::String(one) => one.clone(),
        Value::Array(several) => {
            let known = several.iter().filter_map(Value::as_str).filter(|one| *one != "null");
            known.collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    };
    if types == "array" {
        let of = kind(&schema["items"]);
        return Kind { word: format!("list of {}", of.word), shape: of.shape };
    }
    let word = match schema["format"].as_str() {
        Some("date-time") => "time".to_owned(),
        _ => types,
    };
    Kind { word, shape: None }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// What the operations speak of, and what that speaks of in turn.
fn shape_names(document: &Value, operations: &[&Value]) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut open: Vec<&Value> = operations.to_vec();
    while let Some(value) = open.pop() {
        if let Some(name) = reference(value)
            && names.insert(name.to_owned())
        {
            open.push(&document["components"]["schemas"][name]);
        }
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    names.into_iter().collect()
}

fn shape(document: &Value, name: &str) -> Shape {
    let schema = &document["components"]["schemas"][name];
    let parts = schema["allOf"].as_array().map_or_else(|| vec![schema], |parts| parts.iter().collect());
    let fields = parts.iter().flat_map(|part| {
        let required = part["required"].as_array().cloned().unwrap_or_default();
        let fields = part["properties"].as_object().into_iter().flatten();
        fields.map(move |(name, field)| Field {
            name: name.clone(),
            place: String::new(),
            required: required.iter().any(|own| own == name.as_str()),
            kind: kind(field),
            told: prose(&field["description"]),
        })
    });
    let fields: Vec<_> = fields.collect();
    let own = if fields.is_empty() { kind(schema).word } else { String::new() };
    let text = [schema["description"].as_str().unwrap_or_default(), &own].join(" ").trim().replace('\n', " ");
    Shape { name: name.to_owned(), told: Prose::new(&text), fields }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_type_is_told_in_words() {
        for (schema, word) in [
            (json!({"type": "string", "format": "date-time"}), "time"),
            (json!({"type": ["integer", "null"]}), "integer"),
            (json!({"type": "array", "items": {"$ref": "#/components/schemas/Told"}}), "list of Told"),
            (json!({"enum": ["a", "b"], "type": "string"}), "a | b"),
            (json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Around"}]}), "Around"),
            (json!({}), "any"),
        ] {
            assert_eq!(kind(&schema).word, word);
        }
    }

    #[test]
    fn every_operation_of_the_document_is_told_and_every_shape_is_there() {
        let document = crate::http::document();
        let all = operations(&document);
        assert!(!all.is_empty());
        for (path, method, operation) in &all {
            let told = told(path, method, operation);
            assert!(!told.summary.is_empty() && !told.answers.is_empty(), "{method} {path}");
        }
        let names = shape_names(&document, &all.iter().map(|(.., operation)| *operation).collect::<Vec<_>>());
        for name in names {
            assert!(document["components"]["schemas"][&name].is_object(), "{name}");
        }
    }
}
