//! Files, code and redirects: work that touches many objects at a stroke.

use super::super::agenda::Detail;
use super::super::objects::{Kind, Object, Verb};
use super::super::world::{MINUTE_MS, SECOND_MS, World};

impl World {
    /// Files dropped into the file manager arrive one after the other.
    pub(crate) fn upload(&mut self, by: usize, at: i64) {
        let mut moment = at;
        if self.dice.chance(0.12)
            && let Some(file) = self.familiar(by, Kind::File)
        {
            return self.act(moment, by, file, Verb::Updated, Detail::Plain);
        }
        let camera = self.dice.chance(0.3).then(|| self.dice.between(100, 9_900));
        let count = if camera.is_some() { 3 + self.few(4.0) } else { 1 + self.few(0.7) };
        for shot in 0..count {
            let name = camera.map(|first| format!("IMG_{:04}.jpg", first + shot));
            let file = match name {
                Some(name) if !self.catalogue.taken.is_taken(Kind::File, &name) => {
                    self.name_new(Kind::File, name, String::new())
                }
                _ => self.invent(Kind::File, at),
            };
            self.act(moment, by, file, Verb::Created, Detail::Plain);
            moment += self.dice.between(240, 2_600);
        }
    }

    pub(crate) fn tidy_files(&mut self, by: usize, at: i64) {
        let mut moment = at;
        for _ in 0..3 + self.few(6.0) {
            if let Some(file) = self.catalogue.pick(&mut self.dice, Kind::File, Object::is_expendable) {
                self.act(moment, by, file, Verb::Deleted, Detail::Plain);
            }
            moment += self.pause(7 * SECOND_MS);
        }
    }

    /// A theme uploaded from the command line: code objects a few hundred milliseconds apart.
    pub(crate) fn deploy(&mut self, by: usize, at: i64) {
        const PARTS: &[Kind] = &[Kind::Template, Kind::Module, Kind::Css, Kind::Js, Kind::ServerlessFunction];
        let mut moment = at;
        let mut done = Vec::new();
        for _ in 0..4 + self.few(7.0) {
            let kind = PARTS[self.dice.below(PARTS.len())];
            let Some(object) = self.catalogue.pick(&mut self.dice, kind, |code| code.state.is_editable())
            else {
                continue;
            };
            if done.contains(&object) {
                continue;
            }
            done.push(object);
            moment += self.dice.between(150, 900);
            self.publish(moment, by, object);
        }
    }

    pub(crate) fn redirects(&mut self, by: usize, at: i64) {
        let mut moment = at;
        for _ in 0..1 + self.few(1.5) {
            let redirect = self.invent(Kind::UrlMapping, at);
            self.act(moment, by, redirect, Verb::Created, Detail::Plain);
            moment += self.pause(MINUTE_MS);
        }
    }
}
