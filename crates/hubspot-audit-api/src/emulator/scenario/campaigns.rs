//! Work that many people plan together: campaigns, and moving a whole site in one evening.

use super::agenda::{Coming, Detail};
use super::names::{campaigns, content};
use super::objects::{Kind, ObjectIndex, Verb};
use super::people::Role;
use super::world::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, World, season};

impl World {
    /// Prepared for some days, launched in one go, ended weeks later by unpublishing.
    pub(super) fn campaign(&mut self, at: i64) {
        let usual = self.pace.campaign_days * DAY_MS;
        let next = at + self.dice.between(usual / 2, usual * 3 / 2);
        self.agenda.plan(next, Coming::Campaign);
        let Some(by) = self.somebody(&[Role::Marketer], at) else { return };
        let title = self.campaign_title(at);
        let mut parts = self.prepare(by, &title, at);
        let launch = at + self.dice.between(2, 5) * DAY_MS;
        let mut moment = self.next_workday(by, launch);
        for part in &parts {
            moment = self.publish(moment, by, *part) + self.pause(35 * SECOND_MS);
        }
        let end = moment + self.dice.between(12, 40) * DAY_MS;
        let mut moment = self.next_workday(by, end);
        parts.retain(|part| self.catalogue.object(*part).kind != Kind::Email);
        for part in &parts {
            self.act(moment, by, *part, Verb::Unpublished, Detail::Plain);
            moment += self.pause(12 * SECOND_MS);
        }
        if self.dice.chance(0.6) {
            self.forward_visitors(by, &title, moment);
        }
    }

    fn campaign_title(&mut self, at: i64) -> String {
        let mut title = campaigns::title(&mut self.dice, season(at));
        for _ in 0..6 {
            if !self.catalogue.taken.is_taken(Kind::LandingPage, &title) {
                break;
            }
            title = campaigns::title(&mut self.dice, season(at));
        }
        title
    }

    fn prepare(&mut self, by: usize, title: &str, at: i64) -> Vec<ObjectIndex> {
        let mut parts = Vec::new();
        let mut moment = self.next_workday(by, at);
        for (kind, most) in [(Kind::LandingPage, 6), (Kind::Email, 5), (Kind::Cta, 5)] {
            let count = self.dice.between(2, most);
            for number in 0..usize::try_from(count).unwrap_or(2) {
                let name = match kind {
                    Kind::LandingPage => campaigns::landing_page(&mut self.dice, title, number),
                    Kind::Email => campaigns::email(number, title),
                    _ => campaigns::cta(&mut self.dice, title),
                };
                if self.catalogue.taken.is_taken(kind, &name) {
                    continue;
                }
                let place = content::place(kind, &name);
                let part = self.name_new(kind, name, place);
                self.act(moment, by, part, Verb::Created, Detail::Plain);
                for _ in 0..1 + self.few(1.5) {
                    moment += self.pause(3 * MINUTE_MS);
                    self.act(moment, by, part, Verb::Updated, Detail::Plain);
                }
                moment += self.pause(5 * MINUTE_MS);
                parts.push(part);
            }
            let rested = moment + self.dice.between(1, 20) * HOUR_MS;
            moment = self.next_workday(by, rested);
        }
        parts
    }

    /// The ended campaign's address leads somewhere useful.
    fn forward_visitors(&mut self, marketer: usize, title: &str, at: i64) {
        let by = self.somebody(&[Role::WebOps], at).unwrap_or(marketer);
        let asked = at + self.pause(2 * HOUR_MS);
        let moment = self.next_workday(by, asked);
        let name = format!("/{} → /customers", super::names::slug(title));
        if !self.catalogue.taken.is_taken(Kind::UrlMapping, &name) {
            let redirect = self.name_new(Kind::UrlMapping, name, String::new());
            self.act(moment, by, redirect, Verb::Created, Detail::Plain);
        }
    }

    /// Hundreds of pages of an older site, brought in within minutes, mostly by one script.
    pub(super) fn migration(&mut self, at: i64) {
        let usual = self.pace.migration_days * DAY_MS;
        let next = at + self.dice.between(usual / 2, usual * 3 / 2);
        self.agenda.plan(next, Coming::Migration);
        let Some(by) = self.somebody(&[Role::Developer, Role::WebOps], at) else { return };
        let mut moment = self.next_workday(by, at) + self.dice.between(0, HOUR_MS);
        let kind = [Kind::BlogPost, Kind::KnowledgeBaseArticle, Kind::WebsitePage][self.dice.below(3)];
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        let count = (self.pace.per_day * 0.45).clamp(20.0, 400.0) as i64;
        for _ in 0..self.dice.between(count / 2, count) {
            let page = self.invent(kind, moment);
            self.act(moment, by, page, Verb::Created, Detail::Plain);
            let published = moment + self.about_a_second();
            self.act(published, by, page, Verb::Published, Detail::Plain);
            moment += self.dice.between(250, 2_200);
        }
    }

    fn somebody(&mut self, roles: &[Role], at: i64) -> Option<usize> {
        let able: Vec<_> = (0..self.members.len())
            .filter(|index| {
                let person = &self.members[*index].person;
                roles.contains(&person.role) && person.is_member(at)
            })
            .collect();
        (!able.is_empty()).then(|| able[self.dice.below(able.len())])
    }
}
