//! One look at the log: what has come in since the last one, account by account, and what is found in it, stored
//! together with how far it was read.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use hubtrail_core::detect::{Change, RuleSet};
use jiff::tz::TimeZone;

use super::account::Account;
use super::{READER, Settings};
use crate::clock::Clock;
use crate::connector::{AlertBudget, ConnectorId};
use crate::rules::{Book, Files};
use crate::store::{Detected, Entry, Looked, Position, RuleSetting, Store, StoreError};

/// Entries of one look. A history that comes in is looked at piece by piece.
const BATCH: usize = 500;
/// Items in the windows of all accounts together; a few hundred bytes each.
const MOST_ITEMS: usize = 1_000_000;
/// Accounts whose windows are held; the others are read again from the log when something happens in them.
const MOST_ACCOUNTS: usize = 2_000;
/// Accounts that are asked in one look whether more of their history has been collected.
const MOST_ASKED: usize = 16;
/// Files and switches are compared this often.
const RULES_EVERY_MS: i64 = 1_000;

pub(super) struct Looker {
    store: Store,
    clock: Clock,
    /// Alerts in 30 days that an account may raise that has no number of its own.
    budget: f64,
    /// The numbers of those that have one.
    budgets: HashMap<ConnectorId, AlertBudget>,
    files: Files,
    rules_looked_at: Option<hubtrail_core::time::UtcMs>,
    switches: Vec<RuleSetting>,
    book: Book,
    /// The rules as an account in each time zone has them.
    rules: HashMap<String, Arc<RuleSet>>,
    /// Boxed, since a map keeps room for twice as many as it has.
    accounts: HashMap<ConnectorId, Box<Account>>,
    /// Accounts with history that is to be looked at, the next one first.
    unjoined: VecDeque<ConnectorId>,
    /// Accounts whose windows are read while there is nothing else to do.
    cold: Vec<ConnectorId>,
    position: Position,
    looks: u64,
}

impl Looker {
    pub(super) fn open(store: Store, clock: Clock, settings: Settings) -> Result<Self, StoreError> {
        let position = store.register_reader(READER, Position(0))?;
        let detections = store.detections()?;
        let unjoined = detections.iter().filter(|(_, known)| known.unjoined.is_some()).map(|(id, _)| *id);
        Ok(Self {
            budget: settings.alert_budget,
            budgets: store.alert_budgets()?,
            files: Files::new(settings.rules),
            rules_looked_at: None,
            switches: store.rule_settings()?,
            book: Book::read(&store)?,
            rules: HashMap::new(),
            accounts: HashMap::new(),
            unjoined: unjoined.collect(),
            cold: store.collecting()?.into_iter().map(|(id, _)| id).collect(),
            position,
            looks: 0,
            store,
            clock,
        })
    }

    /// Whether there is nothing more to do for now.
    pub(super) fn look(&mut self) -> Result<bool, StoreError> {
        self.look_at_rules()?;
        self.looks += 1;
        let read = self.store.events_after(self.position, BATCH)?;
        self.judge(read.up_to)?;
        let mut touched = self.observe(&read.entries)?;
        let is_caught_up = read.entries.len() < BATCH;
        if is_caught_up {
            touched.extend(self.pass());
        }
        let mut changes = Vec::new();
        for id in &touched {
            self.take(*id, &mut changes);
        }
        let joined = self.join(read.up_to, &mut changes)?;
        touched.extend(joined);
        let waits =
            touched.is_empty() || (changes.is_empty() && read.up_to == self.position && joined.is_none());
        if !waits || read.up_to > self.position {
            self.record(read.up_to, changes, &touched, is_caught_up)?;
        }
        self.forget();
        if !is_caught_up || joined.is_some() {
            return Ok(false);
        }
        self.warm_up()
    }

    /// What people said meanwhile. An account that is not held is told when it is opened.
    fn judge(&mut self, up_to: Position) -> Result<(), StoreError> {
        if up_to > self.position {
            for judgement in self.store.judgements(self.position, up_to)? {
                if let Some(account) = self.accounts.get_mut(&judgement.connector) {
                    account.judge(&judgement);
                }
            }
        }
        Ok(())
    }

    /// Accounts in which something was watched long enough, as far as time alone tells.
    fn pass(&mut self) -> Vec<ConnectorId> {
        let now = self.clock.now();
        self.accounts.values_mut().filter_map(|account| account.pass(now).then_some(account.id)).collect()
    }

    fn observe(&mut self, entries: &[Entry]) -> Result<BTreeSet<ConnectorId>, StoreError> {
        let mut touched = BTreeSet::new();
        for entry in entries {
            let looks = self.looks;
            // Of a connector that was removed nothing is told.
            let Some(account) = self.account(entry.connector)? else { continue };
            account.used = looks;
            account.observe(entry);
            let is_unjoined = account.is_unjoined();
            touched.insert(entry.connector);
            if is_unjoined && !self.unjoined.contains(&entry.connector) {
                self.unjoined.push_back(entry.connector);
            }
        }
        Ok(touched)
    }

    /// The account as it was up to the position that was last recorded.
    fn account(&mut self, id: ConnectorId) -> Result<Option<&mut Account>, StoreError> {
        if !self.accounts.contains_key(&id) {
            let connector = match self.store.connector_by_id(id) {
                Ok(connector) => connector,
                Err(StoreError::UnknownConnector { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            let rules = self.rules_in(connector.time_zone.unwrap_or_else(|| "UTC".to_owned()));
            let budget = self.budgets.get(&id).copied().unwrap_or_default().alerts(self.budget);
            let account = Account::open(&self.store, id, rules, budget, self.position)?;
            self.accounts.insert(id, Box::new(account));
        }
        Ok(self.accounts.get_mut(&id).map(Box::as_mut))
    }

    fn rules_in(&mut self, zone: String) -> Arc<RuleSet> {
        let book = &self.book;
        let known = self
            .rules
            .entry(zone)
            .or_insert_with_key(|name| Arc::new(book.rules(&TimeZone::get(name).unwrap_or(TimeZone::UTC))));
        Arc::clone(known)
    }

    fn take(&mut self, id: ConnectorId, changes: &mut Vec<(ConnectorId, Change)>) {
        if let Some(account) = self.accounts.get_mut(&id) {
            changes.extend(account.changes().into_iter().map(|change| (id, change)));
        }
    }

    /// One step through the history of the next account that has some; none: all wait for more to be collected.
    fn join(
        &mut self,
        up_to: Position,
        changes: &mut Vec<(ConnectorId, Change)>,
    ) -> Result<Option<ConnectorId>, StoreError> {
        for _ in 0..self.unjoined.len().min(MOST_ASKED) {
            let Some(id) = self.unjoined.pop_front() else { break };
            let store = self.store.clone();
            let Some(account) = self.account(id)? else { continue };
            let (found, has_moved) = account.join(&store, up_to)?;
            let is_unjoined = account.is_unjoined();
            changes.extend(found.into_iter().map(|change| (id, change)));
            if is_unjoined {
                self.unjoined.push_back(id);
            }
            if has_moved {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn record(
        &mut self,
        up_to: Position,
        changes: Vec<(ConnectorId, Change)>,
        touched: &BTreeSet<ConnectorId>,
        is_caught_up: bool,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        let looked = |id: &ConnectorId| Some((*id, self.accounts.get_mut(id)?.looked(is_caught_up, at)));
        let accounts: Vec<(ConnectorId, Looked)> = touched.iter().filter_map(looked).collect();
        let detected = Detected { at, reader: READER, up_to, changes, accounts };
        let recorded = self.store.record_findings(detected)?;
        self.position = recorded.position;
        if recorded.raised > recorded.hidden {
            tracing::info!(raised = recorded.raised, hidden = recorded.hidden, "findings");
        }
        Ok(())
    }

    /// What was not needed for longest goes when there is more than memory is meant for.
    fn forget(&mut self) {
        let mut items: usize = self.accounts.values().map(|account| account.items()).sum();
        if items <= MOST_ITEMS && self.accounts.len() <= MOST_ACCOUNTS {
            return;
        }
        let mut by_use: Vec<_> = self.accounts.values().map(|account| (account.used, account.id)).collect();
        by_use.sort_unstable();
        for (_, id) in by_use.into_iter().filter(|(used, _)| *used < self.looks) {
            if items <= MOST_ITEMS / 2 && self.accounts.len() <= MOST_ACCOUNTS / 2 {
                break;
            }
            items -= self.accounts.remove(&id).map_or(0, |account| account.items());
        }
    }

    /// Reads the windows of one more account. Whether there are no more.
    fn warm_up(&mut self) -> Result<bool, StoreError> {
        let Some(id) = self.cold.pop() else { return Ok(true) };
        if self.accounts.len() < MOST_ACCOUNTS / 2 {
            self.account(id)?;
        }
        Ok(false)
    }

    /// When other rules are in force, or another budget, accounts are read again with them; what is in the past is not
    /// told.
    fn look_at_rules(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        if self.rules_looked_at.is_some_and(|at| now.since(at).abs() < RULES_EVERY_MS) {
            return Ok(());
        }
        self.rules_looked_at = Some(now);
        let budgets = self.store.alert_budgets()?;
        let before = std::mem::replace(&mut self.budgets, budgets);
        self.accounts.retain(|id, _| before.get(id) == self.budgets.get(id));
        let changed = self.files.look(&self.store, now)?;
        let switches = self.store.rule_settings()?;
        if changed || switches != self.switches {
            self.switches = switches;
            self.book = Book::read(&self.store)?;
            self.rules.clear();
            self.accounts.clear();
            self.cold = self.store.collecting()?.into_iter().map(|(id, _)| id).collect();
        }
        Ok(())
    }
}
