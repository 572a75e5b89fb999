//! What a request says, read strictly: whatever cannot be accepted is refused as a [`Problem`] that names
//! the parameter or the field. Axum's own extractors would answer in plain text.

mod body;
mod path;
mod query;

pub(super) use body::Body;
pub(super) use path::Path;
pub(super) use query::Query;
