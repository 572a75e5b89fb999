//! `/metrics`: the facts of the log as numbers, read when somebody asks. A token sees its own accounts;
//! without one there is nothing, unless `server.open_metrics` says so.

mod detection;
mod exposition;
mod figures;
mod process;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use self::exposition::Form;
use self::figures::Figures;
use super::{App, Problem};
use crate::access::{Accounts, Caller};

/// In OpenMetrics for whoever accepts that, else as Prometheus text.
pub(super) async fn metrics(
    State(app): State<App>,
    caller: Option<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accounts = match caller {
        Some(caller) => caller.accounts,
        None if app.config.server.open_metrics => Accounts::All,
        None => return Err(Problem::unauthenticated()),
    };
    let now = app.clock.now();
    let figures = app.log(move |store| Figures::read(store, &accounts, now)).await?;
    let form = Form::accepted(&headers);
    let text = form.write(&figures.registry()).map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, form.media_type())], text).into_response())
}
