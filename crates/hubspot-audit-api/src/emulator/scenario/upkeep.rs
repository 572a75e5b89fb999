//! What no day asks for but every few weeks do: certificates, help centre settings, an old theme.
//! It keeps the rare object types from being absent when the one person in charge is on leave.

use super::agenda::Coming;
use super::objects::Kind;
use super::people::Role;
use super::world::{DAY_MS, HOUR_MS, World};

/// Records between two rounds.
const EVERY: f64 = 2_000.0;

const ROTA: &[(Kind, &[Role])] = &[
    (Kind::Domain, &[Role::WebOps, Role::Developer]),
    (Kind::ContentSettings, &[Role::WebOps, Role::Developer]),
    (Kind::UrlMapping, &[Role::WebOps, Role::WebEditor]),
    (Kind::Blog, &[Role::Blogger, Role::WebOps]),
    (Kind::Podcast, &[Role::Blogger, Role::WebEditor]),
    (Kind::KnowledgeBase, &[Role::SupportWriter, Role::WebOps]),
    (Kind::Theme, &[Role::Designer, Role::Developer]),
    (Kind::GlobalModule, &[Role::Designer, Role::WebEditor]),
    (Kind::ServerlessFunction, &[Role::Developer]),
    (Kind::WebInteractive, &[Role::Marketer]),
    (Kind::CaseStudy, &[Role::WebEditor]),
    (Kind::Quote, &[Role::Sales, Role::Marketer]),
];

impl World {
    pub(super) fn upkeep_period(&self) -> i64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "days")]
        let period = (EVERY / self.pace.per_day * DAY_MS as f64) as i64;
        period.max(HOUR_MS)
    }

    pub(super) fn upkeep(&mut self, at: i64) {
        let period = self.upkeep_period();
        self.agenda.plan(at + period, Coming::Upkeep);
        for (kind, roles) in ROTA {
            let asked = at + self.dice.between(0, period / 4);
            if let Some((by, moment)) = self.first_at_work(roles, asked) {
                self.revise(by, *kind, moment);
            }
        }
        let kind = [Kind::WebsitePage, Kind::BlogPost][self.dice.below(2)];
        if let Some((by, moment)) = self.first_at_work(&[Role::WebEditor, Role::Blogger], at) {
            self.rescue(by, kind, moment);
        }
    }

    /// Who of these roles is at work first, from `at` on.
    fn first_at_work(&mut self, roles: &[Role], at: i64) -> Option<(usize, i64)> {
        (0..self.members.len())
            .filter(|index| {
                let person = &self.members[*index].person;
                roles.contains(&person.role) && person.is_member(at)
            })
            .collect::<Vec<_>>()
            .into_iter()
            .map(|by| (by, self.next_workday(by, at)))
            .min_by_key(|(_, moment)| *moment)
    }
}
