//! Lists of people that HubSpot should not send: whoever is in them is known once and by an id, or the place is named.

use std::collections::BTreeSet;

use proptest::prelude::*;
use reqwest::header::HeaderMap;

use super::*;
use crate::damage::damaged;

const SECRET: &str = "5ecre7";
const USERS: &[&str] = &[
    r#"{"results":[{"id":"1","email":"ada@example.com","firstName":"Ada","superAdmin":true},
        {"id":2,"email":"bo@example.com","lastName":"Ek","roleId":"7","roleIds":["7",8,"7"]}],
        "paging":{"next":{"after":"Mg==","link":"https://api.hubapi.com/?after=1"}}}"#,
    r#"{"results":[{"id":"3","superAdmin":"5ecre7"},{"id":1},{"id":"1"},{}],"paging":{"next":{"after":2}}}"#,
    r#"{"results":[],"paging":null}"#,
];
const ROLES: &[&str] = &[
    r#"{"results":[{"id":"7","name":"Editor","requiresBillingWrite":false},{"id":8,"name":"Viewer"}]}"#,
    r#"{"results":[{"id":7,"name":{"a":"5ecre7"}}]}"#,
];
const OWNERS: &[&str] = &[
    r#"{"results":[{"userId":5,"email":"eve@example.com","archived":false},{"userId":null,"userIdIncludingInactive":4,
        "email":"di@example.com","firstName":"Di","archived":true},{"userId":1,"archived":true}]}"#,
    r#"{"results":[{"userId":"5ecre7","archived":"5ecre7"}],"paging":{"next":null}}"#,
];

/// The people of the page; none where it is refused.
fn read<T: DeserializeOwned>(body: Vec<u8>) -> Result<Vec<T>, TestCaseError> {
    match page(&Reply { status: 200, headers: HeaderMap::new(), body }) {
        Ok((some, next)) => {
            prop_assert!(next.is_none_or(|after| !after.is_empty()));
            Ok(some)
        }
        Err(error) => {
            let all = format!("{error} {error:?} {}", error.fix());
            prop_assert!(error.to_string().contains("at line ") && !all.contains(SECRET), "{}", all);
            Ok(Vec::new())
        }
    }
}

proptest! {
    #[test]
    fn whoever_is_in_a_list_is_known_once_or_the_list_is_refused_at_its_place(
        users in damaged(USERS), roles in damaged(ROLES), owners in damaged(OWNERS),
    ) {
        let (users, roles, owners) = (read::<User>(users)?, read::<Role>(roles)?, read::<Owner>(owners)?);
        let named: BTreeSet<String> = users.iter().filter_map(|user| text(&user.id)).collect();
        let found = people(users, &roles, owners);
        let ids: BTreeSet<&str> = found.iter().map(|person| person.user_id.as_str()).collect();
        prop_assert!(ids.len() == found.len() && !ids.contains(""), "{:?}", found);
        for person in &found {
            prop_assert!(!(person.gone && named.contains(&person.user_id)), "{:?}", person);
            prop_assert!(person.role.is_none() || named.contains(&person.user_id), "{:?}", person);
        }
        prop_assert!(named.iter().all(|id| ids.contains(id.as_str())));
    }
}
