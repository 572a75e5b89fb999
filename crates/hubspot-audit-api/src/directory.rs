//! The people of an account, as HubSpot's users and owners APIs show them.
//!
//! A person who has left is gone from the users and stays among the archived owners, whose `userId`
//! is null: `userIdIncludingInactive` is then the only way to their name.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::page::Page;
use crate::query::Pairs;
use crate::time;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub user_id: String,
    /// Not the user's id, although both are numbers.
    pub owner_id: String,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub super_admin: bool,
    /// They have left the account.
    pub archived: bool,
    pub created_ms: i64,
}

/// HubSpot's ids are numbers; what is none stays text.
fn number(id: &str) -> Value {
    id.parse::<i64>().map_or_else(|_| Value::from(id), Value::from)
}

impl Person {
    fn user(&self) -> Value {
        json!({
            "id": self.user_id,
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "roleIds": [],
            "superAdmin": self.super_admin,
        })
    }

    fn owner(&self) -> Value {
        json!({
            "id": self.owner_id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": if self.archived { Value::Null } else { number(&self.user_id) },
            "userIdIncludingInactive": number(&self.user_id),
            "createdAt": time::iso(self.created_ms),
            "updatedAt": time::iso(self.created_ms),
            "archived": self.archived,
        })
    }
}

pub(crate) fn users(people: &[Person], query: &str) -> Result<Page, ApiError> {
    let present = people.iter().filter(|person| !person.archived).map(Person::user).collect();
    page(present, &Pairs::decode(query))
}

pub(crate) fn user(people: &[Person], id: &str, query: &str) -> Result<Bytes, ApiError> {
    let by_email = match Pairs::decode(query).last("idProperty") {
        None | Some("USER_ID") => false,
        Some("EMAIL") => true,
        Some(other) => return Err(bad_property(other, "USER_ID or EMAIL")),
    };
    let found = people
        .iter()
        .filter(|person| !person.archived)
        .find(|person| if by_email { person.email.eq_ignore_ascii_case(id) } else { person.user_id == id });
    found.map(|person| person.user().to_string().into()).ok_or(ApiError::NotFound)
}

pub(crate) fn owners(people: &[Person], query: &str) -> Result<Page, ApiError> {
    let pairs = Pairs::decode(query);
    let archived = is_archived(&pairs);
    let email = pairs.last("email");
    let chosen = people
        .iter()
        .filter(|person| person.archived == archived)
        .filter(|person| email.is_none_or(|email| person.email.eq_ignore_ascii_case(email)))
        .map(Person::owner)
        .collect();
    page(chosen, &pairs)
}

pub(crate) fn owner(people: &[Person], id: &str, query: &str) -> Result<Bytes, ApiError> {
    let pairs = Pairs::decode(query);
    let archived = is_archived(&pairs);
    let by_user = match pairs.last("idProperty") {
        None | Some("id") => false,
        Some("userId") => true,
        Some(other) => return Err(bad_property(other, "id or userId")),
    };
    let found = people
        .iter()
        .filter(|person| person.archived == archived)
        .find(|person| id == if by_user { &person.user_id } else { &person.owner_id });
    found.map(|person| person.owner().to_string().into()).ok_or(ApiError::NotFound)
}

/// HubSpot's Python client writes `True`.
fn is_archived(pairs: &Pairs) -> bool {
    pairs.last("archived").is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn bad_property(given: &str, choice: &str) -> ApiError {
    ApiError::invalid("idProperty", format!("`{given}` is not one of {choice}"))
}

const DEFAULT_LIMIT: usize = 100;

fn page(all: Vec<Value>, pairs: &Pairs) -> Result<Page, ApiError> {
    let number = |parameter, default: usize| match pairs.last(parameter) {
        None => Ok(default),
        Some(text) => text
            .parse::<usize>()
            .map_err(|_| ApiError::invalid(parameter, format!("`{text}` is not a whole number"))),
    };
    let (start, limit) = (number("after", 0)?, number("limit", DEFAULT_LIMIT)?.max(1));
    let end = start.saturating_add(limit);
    let next = (end < all.len()).then(|| end.to_string());
    let records = all.into_iter().skip(start).take(limit).map(|person| person.to_string().into()).collect();
    Ok(Page { records, next, prev: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(user: u32, archived: bool) -> Person {
        Person {
            user_id: user.to_string(),
            owner_id: (user + 1000).to_string(),
            first_name: "Ada".into(),
            last_name: user.to_string(),
            email: format!("ada{user}@example.com"),
            super_admin: false,
            archived,
            created_ms: 0,
        }
    }

    fn ids(page: &Page, field: &str) -> Vec<Value> {
        let read = |json: &Bytes| serde_json::from_slice::<Value>(json).unwrap()[field].clone();
        page.records.iter().map(read).collect()
    }

    #[test]
    fn users_are_paged_and_leave_out_who_has_left() {
        let people = [person(1, false), person(2, true), person(3, false), person(4, false)];
        let first = users(&people, "limit=2").unwrap();
        assert_eq!(ids(&first, "id"), ["1", "3"]);
        let rest = users(&people, &format!("limit=2&after={}", first.next.unwrap())).unwrap();
        assert_eq!((ids(&rest, "id"), rest.next), (vec![json!("4")], None));
        assert!(users(&people, "limit=x").is_err());
    }

    #[test]
    fn a_user_is_found_by_id_or_address() {
        let people = [person(1, false), person(2, true)];
        assert!(user(&people, "1", "").is_ok());
        assert!(user(&people, "ADA1@example.com", "idProperty=EMAIL").is_ok());
        assert_eq!(user(&people, "2", ""), Err(ApiError::NotFound));
        assert!(matches!(user(&people, "1", "idProperty=NAME"), Err(ApiError::Invalid { .. })));
    }

    #[test]
    fn who_has_left_is_an_archived_owner_without_a_user() {
        let people = [person(1, false), person(2, true)];
        assert_eq!(ids(&owners(&people, "").unwrap(), "userId"), [json!(1)]);
        let left = owners(&people, "archived=true").unwrap();
        assert_eq!(left, owners(&people, "archived=True").unwrap());
        assert_eq!(
            (ids(&left, "userId"), ids(&left, "userIdIncludingInactive")),
            (vec![Value::Null], vec![json!(2)])
        );
        assert!(owners(&people, "email=nobody@example.com").unwrap().records.is_empty());
        assert!(owner(&people, "2", "idProperty=userId&archived=true").is_ok());
        assert_eq!(owner(&people, "2", ""), Err(ApiError::NotFound));
        assert!(owner(&people, "1001", "").is_ok());
    }
}
