//! HubDB: rows edited by hand, in bulk and by the automation account on its rounds.

use super::super::agenda::{Coming, Detail};
use super::super::objects::{Kind, ObjectIndex, Verb};
use super::super::people::AUTOMATION;
use super::super::standing::SYNCED_FILES;
use super::super::world::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, World};

/// Rounds that an automation may be set to.
const PERIODS_MIN: &[i64] = &[2, 5, 10, 15, 30, 60, 120, 180, 360, 720];

impl World {
    pub(crate) fn edit_rows(&mut self, by: usize, at: i64) {
        let Some(table) = self.familiar(by, Kind::HubdbTable) else { return };
        let mut moment = at;
        for _ in 0..1 + self.few(2.0) {
            self.rows(moment, by, table, 4);
            moment += self.pause(2 * MINUTE_MS);
        }
        if self.dice.chance(0.8) {
            let published = moment + self.about_a_second();
            self.rows(moment, by, table, 2);
            self.act(published, by, table, Verb::Published, Detail::Plain);
        }
    }

    /// One import, written as many changes within a few milliseconds; some share one.
    pub(crate) fn edit_table_in_bulk(&mut self, by: usize, at: i64) {
        let Some(table) = self.familiar(by, Kind::HubdbTable) else { return };
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        let most = (self.pace.per_day / 3.0).clamp(20.0, 400.0) as i64;
        let mut moment = at;
        for _ in 0..self.dice.between(12, most) {
            self.rows(moment, by, table, 40);
            moment += self.dice.between(-3, 2).max(0);
        }
        let published = moment + self.about_a_second();
        self.act(published, by, table, Verb::Published, Detail::Plain);
    }

    fn rows(&mut self, at: i64, by: usize, table: ObjectIndex, most: i64) {
        let rows = self.some_rows(most);
        self.act(at, by, table, Verb::Updated, rows);
    }

    pub(crate) fn some_rows(&mut self, most: i64) -> Detail {
        let mut some = || u32::try_from(self.dice.between(1, most)).unwrap_or(1);
        let (updated, deleted) = (some(), some());
        Detail::Rows { updated, deleted: if self.dice.chance(0.12) { deleted } else { 0 } }
    }

    pub(crate) fn sync_period(&self) -> i64 {
        // A tenth of all records, two each round.
        #[expect(clippy::cast_precision_loss, reason = "minutes of a day")]
        let wanted = DAY_MS as f64 / MINUTE_MS as f64 / (self.pace.per_day * 0.05);
        #[expect(clippy::cast_precision_loss, reason = "minutes of a day")]
        let period = PERIODS_MIN.iter().copied().find(|minutes| *minutes as f64 >= wanted).unwrap_or(720);
        period * MINUTE_MS
    }

    /// The automation copies prices and stores from another system, and once a night some files.
    pub(crate) fn sync(&mut self, at: i64) {
        let period = self.sync_period();
        self.agenda.plan(at + period, Coming::Sync);
        let moment = at + 2 * SECOND_MS + self.dice.between(0, 1_900);
        let tables: Vec<_> = ["Price list", "Store locations"]
            .iter()
            .filter_map(|name| self.catalogue.find_standing(Kind::HubdbTable, name))
            .collect();
        if let Some(table) = tables.get(usize::try_from(at / period % 2).unwrap_or(0)).copied() {
            self.rows(moment, AUTOMATION, table, 25);
            let published = moment + self.about_a_second();
            self.act(published, AUTOMATION, table, Verb::Published, Detail::Plain);
        }
        if at.rem_euclid(DAY_MS) / HOUR_MS == 2 && at.rem_euclid(HOUR_MS) < period {
            let mut upload = moment + 20 * SECOND_MS;
            for name in SYNCED_FILES {
                if let Some(file) = self.catalogue.find_standing(Kind::File, name) {
                    self.act(upload, AUTOMATION, file, Verb::Updated, Detail::Plain);
                }
                upload += self.dice.between(300, 700);
            }
        }
    }
}
