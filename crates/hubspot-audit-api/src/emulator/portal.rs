//! The emulated account: its history, what may be asked of it and what time it is there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use http::HeaderMap;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;

use super::behaviour::{Behaviour, Names};
use super::faults::Faults;
use super::history::{History, Moment};
pub use super::history::{Renamed, Visible};
use super::limits::Limiter;
use super::oauth::{Grants, Standing};
use super::selection::{Issuer, Selection};
use super::stats::Stats;
use super::{Config, Now};
use crate::backend::{Account, Area, Backend, Dialect, TokenInfo, Usage};
use crate::directory::Person;
use crate::error::{ApiError, Policy};
use crate::oauth::{Grant, Refresh};
use crate::page::Page;
use crate::query::{Filter, Order, Query};
use crate::record::Record;

/// What tells one walk from another: everything but the place it has come to.
type Walk = (Filter, Option<i64>, Option<u32>, Option<Order>);

pub struct Portal {
    pub(super) config: Config,
    now: Now,
    dialect: Dialect,
    history: RwLock<History>,
    /// Audit-log requests so far.
    requests: AtomicU64,
    late: Mutex<StdRng>,
    last: Mutex<Option<(Walk, Page)>>,
    limiter: Mutex<Limiter>,
    faults: Faults,
    stats: Mutex<Stats>,
    grants: Mutex<Grants>,
    pub(super) stop: watch::Receiver<bool>,
}

/// A panic elsewhere must not take the emulator with it.
pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Portal {
    pub(super) fn new(config: Config, now: Now, history: Vec<Record>, stop: watch::Receiver<bool>) -> Self {
        let Behaviour { arrays, links, time_form, .. } = config.behaviour.clone();
        let zone = config.account.zone();
        let portal = Self {
            dialect: Dialect { arrays, links },
            history: RwLock::new(History::new(time_form)),
            requests: AtomicU64::new(0),
            late: Mutex::new(StdRng::seed_from_u64(config.seed)),
            last: Mutex::new(None),
            limiter: Mutex::new(Limiter::new(config.rate_limit, config.daily_limit, zone)),
            faults: Faults::new(&config.faults, config.seed),
            stats: Mutex::default(),
            grants: Mutex::new(Grants::new(config.app.clone())),
            config,
            now,
            stop,
        };
        portal.push(history);
        portal
    }

    /// Adds records to the history, in any order. Some are late, if the behaviour has it so.
    pub fn push(&self, records: Vec<Record>) {
        let late = self.config.behaviour.late;
        let requests = self.requests.load(Ordering::Relaxed);
        let mut random = held(&self.late);
        self.history.write().unwrap_or_else(PoisonError::into_inner).add(records, |record| {
            if late.share <= 0.0 || !random.random_bool(late.share.min(1.0)) {
                return Visible::ALWAYS;
            }
            let delay_ms = i64::from(random.random_range(0..=late.most_ms));
            Visible {
                from_ms: if late.most_ms == 0 {
                    i64::MIN
                } else {
                    record.timestamp_ms.saturating_add(delay_ms)
                },
                after_requests: requests + u64::from(random.random_range(0..=late.most_requests)),
            }
        });
    }

    /// Adds records that can be seen only from the given point on.
    pub fn push_visible(&self, records: Vec<Record>, visible: Visible) {
        self.history.write().unwrap_or_else(PoisonError::into_inner).add(records, |_| visible);
    }

    pub fn rename(&self, which: Renamed, name: String) {
        let past_too = self.config.behaviour.names == Names::Current;
        self.history.write().unwrap_or_else(PoisonError::into_inner).rename(which, name, past_too);
    }

    /// Every visible record as it would be served now, oldest first, repeated ones repeated.
    #[must_use]
    pub fn truth(&self) -> Vec<String> {
        let history = self.history.read().unwrap_or_else(PoisonError::into_inner);
        history.visible(self.moment()).map(|json| String::from_utf8_lossy(json).into_owned()).collect()
    }

    /// How many records nobody can see yet.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.history.read().unwrap_or_else(PoisonError::into_inner).hidden(self.moment())
    }

    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        held(&self.stats).clone()
    }

    /// Audit-log requests answered from the history so far, for [`Visible::after_requests`].
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut held(&self.stats));
    }

    pub(super) fn knows(&self, bearer: Option<&str>) -> bool {
        bearer.is_some_and(|token| self.standing(token) == Standing::Valid)
    }

    fn standing(&self, token: &str) -> Standing {
        if token == self.config.token {
            return Standing::Valid;
        }
        held(&self.grants).standing(token, self.now_ms())
    }

    /// Ends the app's refresh token and its access tokens, as when it is uninstalled.
    pub fn revoke_app(&self) {
        held(&self.grants).revoke();
    }

    /// Ends the app's access tokens before their time.
    pub fn forget_access_tokens(&self) {
        held(&self.grants).forget_access();
    }

    /// How often the app got an access token.
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        held(&self.grants).refreshes()
    }

    pub(super) fn take_call(&self) -> Result<(), Policy> {
        held(&self.limiter).take(self.now_ms())
    }

    pub(super) fn write_limits(&self, headers: &mut HeaderMap, exhausted: Option<Policy>) {
        held(&self.limiter).write_headers(headers, exhausted);
    }

    fn moment(&self) -> Moment {
        Moment { now_ms: self.now_ms(), requests: self.requests() }
    }

    fn page(&self, query: &Query, moment: Moment) -> Result<Page, ApiError> {
        let behaviour = &self.config.behaviour;
        let issuer = Issuer { account: self.config.account.portal_id.cast_unsigned(), now_ms: moment.now_ms };
        let selection = Selection::of(query, behaviour, issuer)?;
        let scan = {
            let history = self.history.read().unwrap_or_else(PoisonError::into_inner);
            let range = history.range(selection.lower, &selection.upper);
            history.scan(range, selection.order, selection.limit, &history.sieve(&query.filter), moment)
        };
        if let Some(first) = scan.first
            && is_turn(moment.requests, behaviour.empty_every)
        {
            return Ok(Page { next: Some(selection.again(first, behaviour)), ..Page::default() });
        }
        let next = selection.next(&scan, query, behaviour);
        let prev = Selection::prev(&scan, query, behaviour);
        Ok(Page { records: scan.records, next, prev })
    }

    /// The page before, if it is its turn to come again and it belongs to the same walk.
    fn repeated(&self, query: &Query, turn: u64, page: Page) -> Page {
        let every = self.config.behaviour.repeat_every;
        if every == 0 {
            return page;
        }
        let walk = (query.filter.clone(), query.before_ms, query.limit, query.sort);
        let mut last = held(&self.last);
        match &*last {
            Some((before, repeated)) if is_turn(turn, every) && *before == walk => repeated.clone(),
            _ => {
                *last = Some((walk, page.clone()));
                page
            }
        }
    }
}

const fn is_turn(turn: u64, every: u32) -> bool {
    every > 0 && turn.is_multiple_of(every as u64)
}

impl Backend for Portal {
    type Caller = ();

    fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    fn now_ms(&self) -> i64 {
        (self.now)()
    }

    async fn authorise(&self, bearer: Option<&str>, area: Area) -> Result<(), ApiError> {
        match bearer.map_or(Standing::Unknown, |token| self.standing(token)) {
            Standing::Valid => {}
            Standing::ExpiredFor { seconds } => return Err(ApiError::ExpiredToken { seconds }),
            Standing::Unknown => return Err(ApiError::Unauthenticated),
        }
        let needed = area.scopes();
        if !needed.is_empty() && !self.config.scopes.iter().any(|scope| needed.contains(&scope.as_str())) {
            return Err(ApiError::MissingScopes(needed));
        }
        if area == Area::Content && !self.config.enterprise {
            return Err(ApiError::WrongPlan);
        }
        Ok(())
    }

    async fn records(&self, (): &(), query: Query) -> Result<Page, ApiError> {
        let turn = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let page = self.page(&query, Moment { now_ms: self.now_ms(), requests: turn })?;
        let page = self.repeated(&query, turn, page);
        self.count(|stats| stats.page(page.records.len()));
        tracing::debug!(turn, records = page.records.len(), more = page.next.is_some(), "page");
        Ok(page)
    }

    /// Nothing is sent to anybody.
    async fn export(&self, (): &()) -> Result<(), ApiError> {
        Ok(())
    }

    async fn token_info(&self, token: &str) -> Result<TokenInfo, ApiError> {
        if !self.knows(Some(token)) {
            return Err(ApiError::Unauthenticated);
        }
        let hub_id = self.config.account.portal_id;
        Ok(TokenInfo { user_id: 1, hub_id, app_id: 1, scopes: self.config.scopes.clone() })
    }

    async fn refresh(&self, refresh: &Refresh) -> Result<Grant, ApiError> {
        held(&self.grants).refresh(refresh, &self.config, self.now_ms())
    }

    async fn account(&self, (): &()) -> Result<Account, ApiError> {
        Ok(self.config.account.clone())
    }

    async fn usage(&self, (): &()) -> Result<Usage, ApiError> {
        let (used, limit, resets_ms) = held(&self.limiter).day(self.now_ms());
        Ok(Usage { limit: limit.unwrap_or(super::limits::ENTERPRISE_DAILY), used, resets_ms })
    }

    async fn people(&self, (): &()) -> Result<Vec<Person>, ApiError> {
        let mut people = self.config.people.clone();
        let history = self.history.read().unwrap_or_else(PoisonError::into_inner);
        for person in &mut people {
            if let Some(name) = history.new_name(&person.user_id) {
                (person.first_name, person.last_name) = split(name);
            }
        }
        let known = |id: &str| self.config.people.iter().any(|person| person.user_id == id);
        let strangers = history.authors().iter().filter(|(id, _)| !known(id));
        people.extend(strangers.map(|(id, name)| stranger(id, name)));
        people.sort_by(|a, b| (a.user_id.len(), &a.user_id).cmp(&(b.user_id.len(), &b.user_id)));
        Ok(people)
    }
}

/// Owners' ids lie far from the users', so that one cannot pass for the other.
const OWNER_OFFSET: i64 = 900_000_000;

fn split(full_name: &str) -> (String, String) {
    let (first, last) = full_name.split_once(' ').unwrap_or((full_name, ""));
    (first.to_owned(), last.to_owned())
}

fn stranger(user_id: &str, name: &str) -> Person {
    let (first_name, last_name) = split(name);
    Person {
        user_id: user_id.to_owned(),
        owner_id: user_id
            .parse::<i64>()
            .map_or_else(|_| format!("owner-{user_id}"), |id| id.saturating_add(OWNER_OFFSET).to_string()),
        first_name,
        last_name,
        email: format!("user-{user_id}@example.com"),
        super_admin: false,
        archived: false,
        created_ms: 0,
    }
}
