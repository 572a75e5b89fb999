//! One connector's way to HubSpot: a page for a request, whatever version and form it takes.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hubtrail_core::allowance::{Allowance, RateHeaders, Spent, Usage};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::page::{Bound, Page, PageRequest};
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;
use reqwest::RequestBuilder;

use super::error::{ApiError, Said};
use super::limits::{self, Gate, Watch};
use super::options::{Options, SetupError};
use super::page::{self, NotAPage};
use super::query::{self, TimeForm};
use super::refusal;
use super::transport::{Reply, Transport};
use super::version::ApiVersion;

/// The client of one HubSpot account. All walks of the account share it, and with it its limits.
pub struct HubSpot {
    transport: Transport,
    gate: Gate,
    state: Mutex<State>,
}

struct State {
    route: Route,
    zone: TimeZone,
    notices: Vec<Notice>,
    limits: RateHeaders,
}

/// The version and time form of a request. What worked last is tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Route {
    version: ApiVersion,
    form: TimeForm,
}

/// Something that the client changed by itself and that a person should be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    #[error("hubspot no longer serves version {from} of its API; version {to} is used")]
    VersionMoved { from: ApiVersion, to: ApiVersion },
    #[error("hubspot does not read times written as {from}; they are sent as {to}")]
    TimesWritten { from: TimeForm, to: TimeForm },
}

impl HubSpot {
    /// # Errors
    /// When the options cannot lead to any call; see [`SetupError`].
    pub fn new(options: &Options, now: UtcMs) -> Result<Self, SetupError> {
        let zone = options.zone.clone();
        let allowance = Allowance::new(options.rate_limit, zone.clone(), options.spent.clone(), now);
        let route = Route { version: options.api_version, form: TimeForm::default() };
        Ok(Self {
            transport: Transport::new(options)?,
            gate: Gate::new(allowance),
            state: Mutex::new(State { route, zone, notices: Vec::new(), limits: RateHeaders::default() }),
        })
    }

    /// Asks for one page, after waiting for our turn. Another version of the API or another form of
    /// times is tried where HubSpot no longer takes the one in use; nothing else is tried twice.
    ///
    /// # Errors
    /// See [`ApiError`]; [`super::directive`] says what to do about it.
    pub async fn page(
        &self,
        stream: Stream,
        request: &PageRequest,
        kind: WalkKind,
        now: UtcMs,
    ) -> Result<Page, ApiError> {
        let watch = Watch::start(now);
        let first = self.state().route;
        let mut route = first;
        let mut versions = ApiVersion::NEWEST_FIRST.into_iter().filter(|&version| version != first.version);
        let mut forms = TimeForm::ALL.into_iter().filter(|&form| form != first.form);
        let mut refused_times = None;
        let mut gone = None;
        loop {
            let error = match self.ask(stream, request, kind, route, watch).await {
                Ok(page) => {
                    self.settle(first, route);
                    return Ok(page);
                }
                Err(error) => error,
            };
            if matches!(error, ApiError::VersionGone { .. }) {
                let error = gone.get_or_insert(error);
                let Some(version) = versions.next() else { return Err(error.clone()) };
                route.version = version;
            } else if complains_of_time(request, route.form, &error) {
                let error = refused_times.get_or_insert(error);
                let Some(form) = forms.next() else { return Err(error.clone()) };
                route.form = form;
            } else {
                return Err(error);
            }
        }
    }

    async fn ask(
        &self,
        stream: Stream,
        request: &PageRequest,
        kind: WalkKind,
        route: Route,
        watch: Watch,
    ) -> Result<Page, ApiError> {
        let query = query::encode(request, route.form);
        let call = self.transport.get(&route.version.path(stream), &query);
        let reply = self.call(call, kind, watch).await?;
        page::read(&reply.body, limits::hub_now(&reply.headers)).map_err(|NotAPage(form, what)| {
            let what = refusal::excerpt(&self.transport.redacted(&what));
            let said = refusal::said(reply.status, &reply.headers, "", None);
            ApiError::Malformed { form, what, said }
        })
    }

    /// Makes one call when it is our turn. Anything but a 200 is an error.
    pub(super) async fn call(
        &self,
        request: RequestBuilder,
        kind: WalkKind,
        watch: Watch,
    ) -> Result<Reply, ApiError> {
        self.gate.pass(watch, kind).await?;
        let reply = self.transport.authorised(request, watch.now()).await?;
        let now = watch.now();
        let limits = limits::rate_headers(&reply.headers);
        self.gate.observe(now, &limits);
        self.state().limits = limits;
        if reply.status == 200 {
            return Ok(reply);
        }
        let error = self.transport.refusal(&reply, now);
        let zone = self.state().zone.clone();
        self.gate.heed(now, &zone, &error);
        Err(error)
    }

    /// Remembers what worked, and tells of it once.
    fn settle(&self, first: Route, worked: Route) {
        if first == worked {
            return;
        }
        let mut state = self.state();
        if worked.version != first.version && state.route.version != worked.version {
            state.notices.push(Notice::VersionMoved { from: first.version, to: worked.version });
        }
        if worked.form != first.form && state.route.form != worked.form {
            state.notices.push(Notice::TimesWritten { from: first.form, to: worked.form });
        }
        state.route = worked;
    }

    /// What the client changed by itself since this was last asked.
    pub fn take_notices(&self) -> Vec<Notice> {
        std::mem::take(&mut self.state().notices)
    }

    /// The version that answers now.
    pub fn version(&self) -> ApiVersion {
        self.state().route.version
    }

    /// The account's time zone, in which its daily limit ends.
    pub fn zone(&self) -> TimeZone {
        self.state().zone.clone()
    }

    pub fn set_zone(&self, zone: TimeZone, now: UtcMs) {
        self.state().zone = zone.clone();
        self.gate.set_zone(zone, now);
    }

    /// What a status screen shows of the account's limits.
    pub fn usage(&self, now: UtcMs) -> Usage {
        self.gate.usage(now)
    }

    /// What HubSpot's last answer said of the account's limits.
    pub(super) fn last_limits(&self) -> RateHeaders {
        self.state().limits
    }

    /// What was used of today's calls, to be kept over a restart.
    pub fn spent(&self) -> Spent {
        self.gate.spent()
    }

    pub(super) const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// No code that holds the lock can panic half-way through a change, so poison means nothing.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for HubSpot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubSpot").field("route", &self.state().route).finish_non_exhaustive()
    }
}

/// Whether a refusal is about the form of a time that we sent; not about a cursor, which is HubSpot's.
fn complains_of_time(request: &PageRequest, form: TimeForm, error: &ApiError) -> bool {
    let ApiError::Refused { parameter, said: Said { status: 400, message, .. } } = error else {
        return false;
    };
    let (after, before) = query::times(request, form);
    match *parameter {
        Some("after") => matches!(request.bound, Bound::After(_)),
        Some("before") => before.is_some(),
        Some(_) => false,
        None => {
            let message = message.to_lowercase();
            let about_time =
                ["time", "date", "epoch", "iso", "pars"].iter().any(|word| message.contains(word));
            (after.is_some() || before.is_some()) && (message.is_empty() || about_time)
        }
    }
}

#[cfg(test)]
mod tests;
