//! The people of the account: who they are, what they do, who joined and who left.

use super::dice::{Dice, mix};
use super::habits::{Habit, Zone};
use super::names::persons;
use super::objects::ObjectIndex;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Automation,
    Blogger,
    DataSteward,
    Designer,
    Developer,
    Marketer,
    Sales,
    SupportWriter,
    WebEditor,
    WebOps,
}

impl Role {
    /// As it is called in the account's settings.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Automation => "Automation",
            Self::Blogger => "Blog author",
            Self::DataSteward => "HubDB data steward",
            Self::Designer => "Designer",
            Self::Developer => "Developer",
            Self::Marketer => "Campaign marketer",
            Self::Sales => "Sales",
            Self::SupportWriter => "Support writer",
            Self::WebEditor => "Web editor",
            Self::WebOps => "Web operations",
        }
    }

    /// How often a person of this role begins a piece of work, next to the others.
    const fn diligence(self) -> f64 {
        match self {
            Self::Automation => 0.0,
            Self::Sales | Self::WebOps => 0.5,
            Self::Designer | Self::SupportWriter => 0.7,
            Self::Blogger | Self::DataSteward => 0.8,
            Self::Developer => 0.9,
            Self::WebEditor => 1.0,
            Self::Marketer => 1.1,
        }
    }
}

/// A team is filled in this order, so that even a small one has every role.
const TEAM: &[Role] = &[
    Role::WebEditor,
    Role::Marketer,
    Role::Blogger,
    Role::Developer,
    Role::WebOps,
    Role::DataSteward,
    Role::Designer,
    Role::SupportWriter,
    Role::Sales,
    Role::WebEditor,
    Role::Marketer,
    Role::Developer,
    Role::Blogger,
    Role::WebEditor,
    Role::Marketer,
    Role::SupportWriter,
    Role::Designer,
    Role::Blogger,
    Role::WebEditor,
    Role::Marketer,
    Role::Developer,
    Role::WebOps,
    Role::Sales,
    Role::WebEditor,
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    /// HubSpot gives the same person another number as an owner.
    pub owner_id: String,
    pub email: String,
    pub first: String,
    pub last: String,
    pub role: Role,
    pub super_admin: bool,
    /// IANA name.
    pub time_zone: &'static str,
    /// UTC ms; none: before the history begins.
    pub joined: Option<i64>,
    /// UTC ms.
    pub left: Option<i64>,
}

impl Person {
    #[must_use]
    pub fn full_name(&self) -> String {
        if self.last.is_empty() { self.first.clone() } else { format!("{} {}", self.first, self.last) }
    }

    #[must_use]
    pub fn is_member(&self, at_ms: i64) -> bool {
        self.joined.is_none_or(|joined| joined <= at_ms) && self.left.is_none_or(|left| at_ms < left)
    }
}

/// A person with habits and with the work at hand.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) person: Person,
    pub(super) full_name: String,
    pub(super) habit: Habit,
    pub(super) diligence: f64,
    /// What the person touched last; people return to it.
    pub(super) recent: Vec<ObjectIndex>,
    /// The end of the piece of work at hand, in UTC ms.
    pub(super) busy_until: i64,
}

/// The automation account comes first, then everybody else by the order of joining.
pub(super) const AUTOMATION: usize = 0;

const DAY_MS: i64 = 86_400_000;

pub(super) fn roster(dice: &mut Dice, size: usize, start_ms: i64, end_ms: i64) -> Vec<Member> {
    let mut hiring = Hiring { names: persons::Names::default(), next_id: 0, members: Vec::new() };
    hiring.next_id = 11_000_000 + dice.below(9_000_000) as u64;
    hiring.automation(dice);
    for seat in 0..size {
        hiring.hire(dice, TEAM[seat % TEAM.len()], None, None);
    }
    for _ in 0..2 {
        let left = start_ms - dice.between(5 * DAY_MS, 300 * DAY_MS);
        hiring.hire(dice, Role::WebEditor, None, Some(left));
    }
    #[expect(clippy::cast_precision_loss, reason = "days")]
    let years = (end_ms - start_ms) as f64 / (365 * DAY_MS) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a number of people"
    )]
    let changes = ((size as f64 * years * 0.15) as usize).clamp(1, size.max(1));
    for _ in 0..changes {
        let role = TEAM[dice.below(TEAM.len())];
        let left = dice.between(start_ms + (end_ms - start_ms) / 3, end_ms - (end_ms - start_ms) / 10);
        hiring.hire(dice, role, None, Some(left));
        let joined = left + dice.between(-10 * DAY_MS, 20 * DAY_MS);
        if joined < end_ms {
            hiring.hire(dice, role, Some(joined), None);
        }
    }
    hiring.members
}

struct Hiring {
    names: persons::Names,
    next_id: u64,
    members: Vec<Member>,
}

impl Hiring {
    fn automation(&mut self, dice: &mut Dice) {
        self.seat(
            dice,
            Role::Automation,
            Zone::London,
            ("Content Sync".to_owned(), String::new()),
            None,
            None,
        );
    }

    fn hire(&mut self, dice: &mut Dice, role: Role, joined: Option<i64>, left: Option<i64>) {
        const WHERE: &[(Zone, f64)] = &[
            (Zone::Berlin, 6.0),
            (Zone::NewYork, 4.0),
            (Zone::Bangalore, 3.5),
            (Zone::London, 3.0),
            (Zone::SanFrancisco, 2.0),
            (Zone::SaoPaulo, 1.2),
            (Zone::Tokyo, 1.0),
            (Zone::Dubai, 0.8),
        ];
        let zone = WHERE[dice.weighted(WHERE.iter().map(|place| place.1))].0;
        let name = self.names.draw(dice, zone);
        self.seat(dice, role, zone, name, joined, left);
    }

    fn seat(
        &mut self,
        dice: &mut Dice,
        role: Role,
        zone: Zone,
        (first, last): (String, String),
        joined: Option<i64>,
        left: Option<i64>,
    ) {
        self.next_id += dice.between(1_700, 240_000).unsigned_abs();
        let person = Person {
            id: self.next_id.to_string(),
            owner_id: (mix(self.next_id, 7) % 800_000_000 + 100_000_000).to_string(),
            email: persons::email(&first, &last, self.next_id),
            first,
            last,
            role,
            super_admin: matches!(role, Role::WebOps) && left.is_none(),
            time_zone: zone.name(),
            joined,
            left,
        };
        let habit = Habit::new(dice, zone, self.next_id);
        let diligence = role.diligence() * (0.5 + dice.unit());
        let full_name = person.full_name();
        self.members.push(Member {
            person,
            full_name,
            habit,
            diligence,
            recent: Vec::new(),
            busy_until: i64::MIN,
        });
    }
}
