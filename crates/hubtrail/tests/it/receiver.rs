//! Receivers to deliver to: strict servers over real connections, that keep what they take and misbehave when
//! they are told to. Each is written from its product's published interface.

pub(crate) mod dnif;
pub(crate) mod elastic;
pub(crate) mod people;
pub(crate) mod plain;
pub(crate) mod splunk;
pub(crate) mod syslog;
pub(crate) mod web;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What goes wrong with one request, or with one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A status of HTTP's, with a `Retry-After`.
    Status(u16, Option<&'static str>),
    /// The connection is reset before anything is kept.
    ResetBefore,
    /// It is reset after all was kept, and before that is said.
    ResetAfter,
    /// So long nothing is answered.
    Slow(Duration),
}

#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<VecDeque<Fault>>>);

impl Faults {
    pub(crate) fn push(&self, fault: Fault) {
        self.0.lock().unwrap().push_back(fault);
    }

    pub(crate) fn pending(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn next(&self) -> Option<Fault> {
        self.0.lock().unwrap().pop_front()
    }
}

/// What was kept, in the order in which it came.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<String>>>);

impl Kept {
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn extend(&self, entries: impl IntoIterator<Item = String>) {
        self.0.lock().unwrap().extend(entries);
    }
}
