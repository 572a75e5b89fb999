//! The records that the hot paths are counted with: the same ones every time, and the same for all of them.

use hubtrail_core::time::UtcMs;

const START: UtcMs = UtcMs(1_772_445_600_000);
const EVERY_MS: i64 = 400_000;

/// Forty people, mostly at content, now and then at everything else.
pub(crate) fn line(n: i64) -> String {
    let dice = |sides: i64, salt: i64| ((n * 2_654_435_761 + salt * 40_503) >> 7).rem_euclid(sides);
    let kinds = [
        "WEBSITE_PAGE",
        "BLOG_POST",
        "LANDING_PAGE",
        "HUBDB_TABLE",
        "FILE",
        "EMAIL",
        "TEMPLATE",
        "URL_MAPPING",
    ];
    let verbs =
        ["UPDATED", "UPDATED", "PUBLISHED", "UPDATED", "CREATED", "PUBLISHED", "DELETED", "UNPUBLISHED"];
    let kind = kinds[usize::try_from(dice(8, 1).min(dice(8, 2))).unwrap()];
    let verb = verbs[usize::try_from(dice(8, 3).min(dice(8, 4))).unwrap()];
    let (user, object, at) = (dice(40, 5), dice(3_000, 6), START.plus(n * EVERY_MS));
    format!(
        r#"{{"objectId":"{}","objectName":"Page {object}","objectType":"{kind}","event":"{verb}","userId":"{}","fullName":"Person {user}","timestamp":"{at}","meta":{{"path":"content/en/{object}.md"}}}}"#,
        40_000_000_000 + object,
        1_000_000 + user
    )
}
