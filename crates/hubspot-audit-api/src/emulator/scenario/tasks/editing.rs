//! The life of a page, a post, an e-mail: written, revised, published, taken down, deleted, restored.

use super::super::agenda::Detail;
use super::super::meta::SETTINGS;
use super::super::objects::{Kind, Object, State, Verb};
use super::super::world::{HOUR_MS, MINUTE_MS, SECOND_MS, World};

/// More saves than this in one sitting are somebody else's work.
const MOST_SAVES: i64 = 12;

impl World {
    pub(crate) fn revise(&mut self, by: usize, kind: Kind, at: i64) {
        let Some(object) = self.familiar(by, kind) else { return self.author(by, kind, at) };
        if kind == Kind::ContentSettings {
            return self.settings(by, at);
        }
        let mean = if kind.is_published() { 2.2 } else { 0.6 };
        let saves = 1 + self.few(mean);
        let mut moment = at;
        for save in 1..=saves {
            let shows = if save == saves { 0.78 } else { 0.12 };
            if kind.is_published() && self.dice.chance(shows) {
                moment = self.publish(moment, by, object);
            } else {
                self.act(moment, by, object, Verb::Updated, Detail::Plain);
            }
            moment += self.pause(4 * MINUTE_MS);
        }
    }

    pub(crate) fn author(&mut self, by: usize, kind: Kind, at: i64) {
        let object = self.invent(kind, at);
        self.act(at, by, object, Verb::Created, Detail::Plain);
        let mut moment = at + self.pause(3 * MINUTE_MS);
        let mean = if kind.is_published() { 3.0 } else { 0.5 };
        for _ in 0..self.few(mean) {
            self.act(moment, by, object, Verb::Updated, Detail::Plain);
            moment += self.pause(7 * MINUTE_MS);
        }
        if !kind.is_published() || !self.dice.chance(0.88) {
            return;
        }
        if matches!(kind, Kind::BlogPost | Kind::Email | Kind::LandingPage) && self.dice.chance(0.2) {
            let full_hour = moment - moment.rem_euclid(HOUR_MS) + HOUR_MS + self.dice.between(60, 900);
            self.act(moment, by, object, Verb::Updated, Detail::Plain);
            self.act(full_hour, by, object, Verb::Published, Detail::Plain);
        } else {
            self.publish(moment, by, object);
        }
    }

    pub(crate) fn take_down(&mut self, by: usize, kind: Kind, at: i64) {
        let Some(object) = self
            .catalogue
            .pick(&mut self.dice, kind, |object| object.state == State::Live && !object.is_cornerstone)
        else {
            return;
        };
        self.act(at, by, object, Verb::Unpublished, Detail::Plain);
        if self.dice.chance(0.35) {
            let again = at + self.pause(40 * MINUTE_MS);
            self.publish(again, by, object);
        }
    }

    pub(crate) fn remove(&mut self, by: usize, kind: Kind, at: i64) {
        let Some(object) = self.catalogue.pick(&mut self.dice, kind, Object::is_expendable) else { return };
        let mut moment = at;
        if kind.is_page() && self.catalogue.object(object).state == State::Live {
            self.act(moment, by, object, Verb::Unpublished, Detail::Plain);
            moment += self.pause(20 * SECOND_MS);
        }
        self.act(moment, by, object, Verb::Deleted, Detail::Plain);
    }

    pub(crate) fn rescue(&mut self, by: usize, kind: Kind, at: i64) {
        let mut moment = at;
        let object = match self.catalogue.pick_deleted(&mut self.dice, kind) {
            Some(deleted) => deleted,
            None => {
                let Some(object) = self.catalogue.pick(&mut self.dice, kind, Object::is_expendable) else {
                    return;
                };
                self.act(at, by, object, Verb::Deleted, Detail::Plain);
                moment += self.pause(6 * MINUTE_MS);
                object
            }
        };
        self.act(moment, by, object, Verb::Restored, Detail::Plain);
        let published = moment + self.pause(90 * SECOND_MS);
        self.publish(published, by, object);
    }

    pub(crate) fn settings(&mut self, by: usize, at: i64) {
        let Some(object) = self.familiar(by, Kind::ContentSettings) else { return };
        let mut moment = at;
        for _ in 0..1 + self.few(0.5) {
            let mut fields = Vec::new();
            for _ in 0..1 + self.few(0.8).min(4) {
                let field = self.dice.pick(SETTINGS);
                if !fields.contains(&field) {
                    fields.push(field);
                }
            }
            self.act(moment, by, object, Verb::Updated, Detail::Changed(fields));
            moment += self.pause(2 * MINUTE_MS);
        }
    }

    pub(crate) fn disconnect_domain(&mut self, by: usize, at: i64) {
        let Some(object) = self.catalogue.pick(&mut self.dice, Kind::Domain, Object::is_expendable) else {
            return;
        };
        self.act(at, by, object, Verb::Deleted, Detail::Plain);
    }

    /// A small number with this mean, now and then a larger one.
    #[expect(clippy::cast_possible_truncation, reason = "small")]
    pub(crate) fn few(&mut self, mean: f64) -> i64 {
        (self.dice.wait(mean + 0.5) as i64).min(MOST_SAVES)
    }

    /// Until the same person's next act; nobody clicks twice within two seconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "minutes")]
    pub(crate) fn pause(&mut self, mean_ms: i64) -> i64 {
        2 * SECOND_MS + self.dice.wait(mean_ms as f64).min(4.0 * mean_ms as f64) as i64
    }
}
