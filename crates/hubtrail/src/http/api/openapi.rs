//! The document of the API, written by the routes themselves. What holds for all of them is added here: how to
//! sign in, and that whatever fails is a problem (RFC 9457).

use axum::Json;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder, Server,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::http::{Problem, auth};

const TOKEN: &str = "token";
const SESSION: &str = "session";

/// What the document says before any route is added.
pub(super) fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Hubtrail")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Every CMS audit event of your HubSpot accounts, exactly once. Times are RFC 3339 in UTC. Whatever fails \
             is a problem (RFC 9457) that says what to do. Each role and token is for all or some accounts; what is \
             in another account is not there.",
        ))
        .build();
    let mut document = OpenApiBuilder::new().info(info).build();
    document.security = Some(vec![requirement(TOKEN), requirement(SESSION)]);
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(auth::COOKIE)));
    components.add_security_scheme(SESSION, cookie);
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    document
}

fn requirement(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, Vec::<String>::new())
}

/// Adds to every operation what the routes do not repeat.
pub(super) fn finished(mut document: OpenApi) -> Value {
    document.servers = Some(vec![Server::new("/api/v1")]);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(name(method, path));
                finish(operation);
            }
        }
    }
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut).for_each(allow_empty);
    let plain = document["components"]["schemas"].clone();
    document["components"]["schemas"]
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
        .for_each(|schema| join_parts(schema, &plain));
    document
}

/// What is put together of an object that refuses all that it does not know and of more, as a tag is: nothing would
/// satisfy both parts, so they become one object.
fn join_parts(schema: &mut Value, plain: &Value) {
    if let Some(variants) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        variants.iter_mut().for_each(|variant| join_parts(variant, plain));
    }
    let named =
        |part: &Value| part["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    let whole = |part: &Value| named(part).map_or_else(|| part.clone(), |name| plain[name].clone());
    let parts: Vec<Value> = schema["allOf"].as_array().into_iter().flatten().map(whole).collect();
    if !parts.iter().any(|part| part["additionalProperties"] == false) {
        return;
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in &parts {
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    let described = std::iter::once(&*schema).chain(&parts).find_map(|part| part["description"].as_str());
    *schema = json!({
        "type": "object",
        "description": described.unwrap_or_default(),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
}

/// `?limit=` is as good as nothing, so that a form may be sent as it is. The builder knows no word for it.
fn allow_empty(item: &mut Value) {
    let operations = item.as_object_mut().into_iter().flat_map(Map::values_mut);
    let parameters = operations.filter_map(|operation| operation.get_mut("parameters")?.as_array_mut());
    for parameter in parameters.flatten() {
        // A list may be empty anyway.
        if parameter["in"] == "query" && parameter["schema"]["type"] != "array" {
            parameter["allowEmptyValue"] = true.into();
        }
    }
}

/// `getEventsPosition`: unique, because a method and a path are.
fn name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for word in path.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

fn finish(operation: &mut Operation) {
    let problem = |said: &str| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
        ResponseBuilder::new().description(said).content("application/problem+json", content).build()
    };
    let responses = &mut operation.responses.responses;
    for response in responses.values_mut() {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = "It worked".to_owned();
        }
    }
    if operation.security.is_none() {
        responses
            .insert("401".to_owned(), problem("Nobody is signed in, and no valid token came along").into());
    }
    responses.insert("default".to_owned(), problem("It did not work").into());
}

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = "service", security(()),
    responses((status = OK, body = serde_json::Value, content_type = "application/json"))
)]
pub(super) async fn openapi() -> Json<Value> {
    Json(super::document())
}
