//! What people do when they sit down to work, by their role.

pub(super) mod assets;
mod duties;
pub(super) mod editing;
pub(super) mod tables;

use self::duties::{Duty, duties};
use super::agenda::Coming;
use super::objects::Kind;
use super::tempo::Tempo;
use super::world::{HOUR_MS, MINUTE_MS, World};

#[derive(Clone, Copy, Debug)]
enum Task {
    Revise(Kind),
    Author(Kind),
    TakeDown(Kind),
    Remove(Kind),
    /// Deleted by mistake and restored.
    Rescue(Kind),
    Upload,
    TidyFiles,
    Deploy,
    Redirects,
    Settings,
    ConnectDomain,
    DisconnectDomain,
    EditRows,
    EditTableInBulk,
}

impl World {
    /// The person sits down and plans the acts of one piece of work.
    pub(super) fn begin(&mut self, by: usize, at: i64) {
        let choices = duties(self.members[by].person.role);
        if choices.is_empty() || self.is_busy(by, at) {
            return;
        }
        self.planned_to = at;
        let bulk_edit = self.pace.bulk_edit;
        let weight = |choice: &Duty| {
            if matches!(choice.1, Task::EditTableInBulk) { choice.0 * bulk_edit } else { choice.0 }
        };
        match choices[self.dice.weighted(choices.iter().map(weight))].1 {
            Task::Revise(kind) => self.revise(by, kind, at),
            Task::Author(kind) => self.author(by, kind, at),
            Task::TakeDown(kind) => self.take_down(by, kind, at),
            Task::Remove(kind) => self.remove(by, kind, at),
            Task::Rescue(kind) => self.rescue(by, kind, at),
            Task::Upload => self.upload(by, at),
            Task::TidyFiles => self.tidy_files(by, at),
            Task::Deploy => self.deploy(by, at),
            Task::Redirects => self.redirects(by, at),
            Task::Settings => self.settings(by, at),
            Task::ConnectDomain => self.author(by, Kind::Domain, at),
            Task::DisconnectDomain => self.disconnect_domain(by, at),
            Task::EditRows => self.edit_rows(by, at),
            Task::EditTableInBulk => self.edit_table_in_bulk(by, at),
        }
        self.members[by].busy_until = self.planned_to;
    }

    /// People finish one thing before the next, unless a wished rate asks for more than they can do.
    fn is_busy(&mut self, by: usize, at: i64) -> bool {
        let busy_until = self.members[by].busy_until;
        if at > busy_until || matches!(self.tempo, Tempo::Wished(_)) {
            return false;
        }
        if busy_until - at < HOUR_MS {
            let later = busy_until + self.pause(2 * MINUTE_MS);
            self.agenda.plan(later, Coming::Begin(by));
        }
        true
    }
}
