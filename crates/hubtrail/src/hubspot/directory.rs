//! Who the people of an account are, from its users and its owners. Welcome, and never needed: what the
//! token may not read is none and no error.
//!
//! Whoever has left is gone from the users, and stays among the archived owners.

use std::collections::BTreeMap;

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::UtcMs;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::client::HubSpot;
use super::error::ApiError;
use super::introspect::{from_json, optional};
use super::limits::Watch;
use super::transport::Reply;

/// The older path first, like the pages.
const USERS: [&str; 2] = ["/settings/v3/users", "/settings/users/2026-03"];
const ROLES: [&str; 2] = ["/settings/v3/users/roles", "/settings/users/2026-03/roles"];
const OWNERS: [&str; 2] = ["/crm/v3/owners", "/crm/owners/2026-03"];
const PAGE: usize = 100;
/// No account has so many people; a list that goes on after this never ends.
const MOST_PAGES: usize = 1_000;

/// A person as HubSpot knows them now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub user_id: String,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Option<String>,
    /// They have left the account.
    pub gone: bool,
}

/// Everybody who could be found, and which of the two lists the token may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    pub people: Vec<Person>,
    pub users_allowed: bool,
    pub owners_allowed: bool,
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct User {
    id: Value,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    super_admin: bool,
    role_id: Value,
    role_ids: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Owner {
    user_id: Value,
    /// The id of a person who has left is here only.
    user_id_including_inactive: Value,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    archived: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Role {
    id: Value,
    name: String,
}

#[derive(Deserialize)]
struct List<T> {
    results: Vec<T>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: Value,
}

impl HubSpot {
    /// # Errors
    /// When HubSpot does not answer in order; see [`ApiError`].
    pub async fn directory(&self, now: UtcMs) -> Result<Directory, ApiError> {
        let watch = Watch::start(now);
        let users: Option<Vec<User>> = self.list(USERS, "", watch).await?;
        let has_roles = |user: &User| !user.role_ids.is_empty() || text(&user.role_id).is_some();
        let roles = match &users {
            Some(users) if users.iter().any(has_roles) => self.list(ROLES, "", watch).await?,
            _ => None,
        };
        let present: Option<Vec<Owner>> = self.list(OWNERS, "", watch).await?;
        let archived: Option<Vec<Owner>> = match &present {
            Some(_) => self.list(OWNERS, "&archived=true", watch).await?,
            None => None,
        };
        let (users_allowed, owners_allowed) = (users.is_some(), present.is_some());
        let owners = present.into_iter().chain(archived).flatten().collect();
        let people = people(users.unwrap_or_default(), &roles.unwrap_or_default(), owners);
        Ok(Directory { people, users_allowed, owners_allowed })
    }

    /// All pages of a list; none where the token may not read it.
    async fn list<T: DeserializeOwned>(
        &self,
        [older, newer]: [&str; 2],
        rest: &str,
        watch: Watch,
    ) -> Result<Option<Vec<T>>, ApiError> {
        match self.pages(older, rest, watch).await {
            Err(ApiError::VersionGone { .. }) => optional(self.pages(newer, rest, watch).await),
            other => optional(other),
        }
    }

    async fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        rest: &str,
        watch: Watch,
    ) -> Result<Vec<T>, ApiError> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let cursor = after.as_deref().map(|after| byte_serialize(after.as_bytes()).collect::<String>());
            let cursor = cursor.map_or_else(String::new, |cursor| format!("&after={cursor}"));
            let request = self.transport().get(path, &format!("limit={PAGE}{rest}{cursor}"));
            let reply = self.call(request, WalkKind::Backfill, Watch::start(watch.now())).await?;
            let (some, next) = page(&reply)?;
            all.extend(some);
            if next.is_none() || next == after {
                break;
            }
            after = next;
        }
        Ok(all)
    }
}

/// The people of one page, and where the next one begins.
fn page<T: DeserializeOwned>(reply: &Reply) -> Result<(Vec<T>, Option<String>), ApiError> {
    let List { results, paging } = from_json(reply)?;
    let next = paging.and_then(|paging: Paging| paging.next).and_then(|next| text(&next.after));
    Ok((results, next))
}

fn people(users: Vec<User>, roles: &[Role], owners: Vec<Owner>) -> Vec<Person> {
    let mut people = BTreeMap::new();
    for user in users {
        let Some(user_id) = text(&user.id) else { continue };
        let role = role(&user, roles);
        let User { email, first_name, last_name, .. } = user;
        people.insert(user_id.clone(), Person { user_id, email, first_name, last_name, role, gone: false });
    }
    let (present, archived): (Vec<Owner>, Vec<Owner>) = owners.into_iter().partition(|owner| !owner.archived);
    for owner in present.into_iter().chain(archived) {
        let Some(user_id) = text(&owner.user_id).or_else(|| text(&owner.user_id_including_inactive)) else {
            continue;
        };
        let Owner { email, first_name, last_name, archived: gone, .. } = owner;
        // Whoever is a user, or an owner still, has not left.
        people.entry(user_id.clone()).or_insert(Person {
            user_id,
            email,
            first_name,
            last_name,
            role: None,
            gone,
        });
    }
    people.into_values().collect()
}

fn role(user: &User, roles: &[Role]) -> Option<String> {
    if user.super_admin {
        return Some("Super admin".to_owned());
    }
    let ids = || user.role_ids.iter().chain([&user.role_id]).filter_map(text);
    let mut names: Vec<&str> = ids()
        .filter_map(|id| roles.iter().find(|role| text(&role.id).as_ref() == Some(&id)))
        .map(|role| role.name.as_str())
        .collect();
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Ids are numbers or text.
fn text(id: &Value) -> Option<String> {
    match id {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests;
