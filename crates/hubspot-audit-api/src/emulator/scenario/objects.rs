//! The content of the account: what exists, in which state, and which events may happen to it.

use std::collections::VecDeque;

use super::dice::Dice;
use super::names::Taken;

macro_rules! object_types {
    ($($kind:ident = $name:literal),* $(,)?) => {
        /// The object types that HubSpot's log knows today.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Kind { $($kind),* }

        impl Kind {
            pub(super) const ALL: &[Self] = &[$(Self::$kind),*];

            pub(super) const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }
        }
    };
}

object_types! {
    Blog = "BLOG", BlogPost = "BLOG_POST", CaseStudy = "CASE_STUDY", ContentSettings = "CONTENT_SETTINGS",
    Css = "CSS", Cta = "CTA", Domain = "DOMAIN", Email = "EMAIL", File = "FILE",
    GlobalModule = "GLOBAL_MODULE", HubdbTable = "HUBDB_TABLE", Js = "JS", KnowledgeBase = "KNOWLEDGE_BASE",
    KnowledgeBaseArticle = "KNOWLEDGE_BASE_ARTICLE", LandingPage = "LANDING_PAGE", Module = "MODULE",
    Podcast = "PODCAST", Quote = "QUOTE", ServerlessFunction = "SERVERLESS_FUNCTION", Template = "TEMPLATE",
    Theme = "THEME", UrlMapping = "URL_MAPPING", WebInteractive = "WEB_INTERACTIVE",
    WebsitePage = "WEBSITE_PAGE",
}

impl Kind {
    /// Whether an edit becomes public only by publishing.
    pub(super) const fn is_published(self) -> bool {
        !matches!(
            self,
            Self::Blog
                | Self::ContentSettings
                | Self::Domain
                | Self::File
                | Self::KnowledgeBase
                | Self::Theme
                | Self::UrlMapping
        )
    }

    pub(super) const fn is_code(self) -> bool {
        matches!(
            self,
            Self::Css
                | Self::GlobalModule
                | Self::Js
                | Self::Module
                | Self::ServerlessFunction
                | Self::Template
        )
    }

    /// Whether it has an address of its own that visitors can open.
    pub(super) const fn is_page(self) -> bool {
        matches!(
            self,
            Self::BlogPost
                | Self::CaseStudy
                | Self::KnowledgeBaseArticle
                | Self::LandingPage
                | Self::Podcast
                | Self::WebsitePage
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Created,
    Updated,
    Published,
    Unpublished,
    Deleted,
    Restored,
}

impl Verb {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Updated => "UPDATED",
            Self::Published => "PUBLISHED",
            Self::Unpublished => "UNPUBLISHED",
            Self::Deleted => "DELETED",
            Self::Restored => "RESTORE",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Somebody will create it; nobody can see it yet.
    Planned,
    Draft,
    Live,
    Deleted,
}

impl State {
    pub(super) const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Live)
    }

    /// The state after `verb`; none where HubSpot would not offer the button.
    const fn after(self, verb: Verb) -> Option<Self> {
        match (self, verb) {
            (Self::Planned, Verb::Created) | (Self::Deleted, Verb::Restored) => Some(Self::Draft),
            (Self::Draft | Self::Live, Verb::Updated) => Some(self),
            (Self::Draft | Self::Live, Verb::Published) => Some(Self::Live),
            (Self::Live, Verb::Unpublished) => Some(Self::Draft),
            (Self::Draft | Self::Live, Verb::Deleted) => Some(Self::Deleted),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) id: u64,
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Its path or address, as `meta` tells it.
    pub(super) place: String,
    pub(super) state: State,
    /// Home, the header, the main domain: nobody in their right mind takes them away.
    pub(super) is_cornerstone: bool,
}

impl Object {
    pub(super) const fn is_expendable(&self) -> bool {
        self.state.is_editable() && !self.is_cornerstone
    }
}

pub(super) type ObjectIndex = u32;

/// Restoring is offered for deleted content only for a while.
const TRASH: usize = 60;

#[derive(Clone, Debug)]
pub(super) struct Catalogue {
    objects: Vec<Object>,
    by_kind: Vec<Vec<ObjectIndex>>,
    pub(super) taken: Taken,
    trash: VecDeque<ObjectIndex>,
    last_id: u64,
}

impl Catalogue {
    pub(super) fn new(first_id: u64) -> Self {
        Self {
            objects: Vec::new(),
            by_kind: vec![Vec::new(); Kind::ALL.len()],
            taken: Taken::default(),
            trash: VecDeque::new(),
            last_id: first_id,
        }
    }

    pub(super) fn object(&self, index: ObjectIndex) -> &Object {
        &self.objects[index as usize]
    }

    pub(super) fn add(
        &mut self,
        dice: &mut Dice,
        kind: Kind,
        name: String,
        place: String,
        state: State,
    ) -> ObjectIndex {
        self.last_id += dice.between(1_013, 90_000).unsigned_abs();
        let index = ObjectIndex::try_from(self.objects.len()).unwrap_or(ObjectIndex::MAX);
        self.taken.take(kind, &name);
        self.objects.push(Object { id: self.last_id, kind, name, place, state, is_cornerstone: false });
        self.by_kind[kind as usize].push(index);
        index
    }

    pub(super) fn make_cornerstone(&mut self, index: ObjectIndex) {
        self.objects[index as usize].is_cornerstone = true;
    }

    /// Lets `verb` happen to the object if it can happen, and says whether it did.
    pub(super) fn apply(&mut self, index: ObjectIndex, verb: Verb) -> bool {
        let object = &mut self.objects[index as usize];
        let Some(state) = object.state.after(verb) else { return false };
        object.state = state;
        if verb == Verb::Deleted {
            if self.trash.len() >= TRASH {
                self.trash.pop_front();
            }
            self.trash.push_back(index);
        } else if verb == Verb::Restored {
            self.trash.retain(|deleted| *deleted != index);
            self.by_kind[object.kind as usize].push(index);
        }
        true
    }

    /// One object of the kind: often an old favourite, often one of the newest.
    pub(super) fn pick(
        &mut self,
        dice: &mut Dice,
        kind: Kind,
        wanted: impl Fn(&Object) -> bool,
    ) -> Option<ObjectIndex> {
        for _ in 0..12 {
            let of_kind = &mut self.by_kind[kind as usize];
            let n = of_kind.len();
            if n == 0 {
                return None;
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of a length"
            )]
            let skewed = (dice.unit().powf(1.6) * n as f64) as usize;
            let at = if dice.chance(0.5) { skewed } else { n - 1 - skewed.min(n - 1) };
            let index = of_kind[at.min(n - 1)];
            let object = &self.objects[index as usize];
            if object.state == State::Deleted {
                of_kind.remove(at.min(n - 1));
            } else if wanted(object) {
                return Some(index);
            }
        }
        None
    }

    pub(super) fn pick_deleted(&self, dice: &mut Dice, kind: Kind) -> Option<ObjectIndex> {
        let of_kind: Vec<_> =
            self.trash.iter().copied().filter(|index| self.object(*index).kind == kind).collect();
        (!of_kind.is_empty()).then(|| of_kind[dice.below(of_kind.len())])
    }

    pub(super) fn find_standing(&self, kind: Kind, name: &str) -> Option<ObjectIndex> {
        self.by_kind[kind as usize].iter().copied().find(|index| {
            let object = self.object(*index);
            object.state.is_editable() && object.name == name
        })
    }

    /// What of these kinds is public now, the oldest first.
    pub(super) fn live(&self, kinds: &'static [Kind]) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(|object| object.state == State::Live && kinds.contains(&object.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_hubspot_would_offer_can_happen() {
        let mut dice = Dice::new(1);
        let mut catalogue = Catalogue::new(1);
        let page = catalogue.add(
            &mut dice,
            Kind::WebsitePage,
            "Pricing".to_owned(),
            "/pricing".to_owned(),
            State::Planned,
        );
        for (verb, happens) in [
            (Verb::Updated, false),
            (Verb::Created, true),
            (Verb::Unpublished, false),
            (Verb::Published, true),
            (Verb::Created, false),
            (Verb::Unpublished, true),
            (Verb::Deleted, true),
            (Verb::Updated, false),
            (Verb::Restored, true),
            (Verb::Restored, false),
        ] {
            assert_eq!(catalogue.apply(page, verb), happens, "{verb:?}");
        }
    }

    #[test]
    fn a_deleted_object_is_never_picked_until_it_is_restored() {
        let mut dice = Dice::new(2);
        let mut catalogue = Catalogue::new(1);
        let page =
            catalogue.add(&mut dice, Kind::LandingPage, "Expo".to_owned(), "/expo".to_owned(), State::Live);
        assert!(catalogue.apply(page, Verb::Deleted));
        assert_eq!(catalogue.pick(&mut dice, Kind::LandingPage, Object::is_expendable), None);
        assert_eq!(catalogue.pick_deleted(&mut dice, Kind::LandingPage), Some(page));
        assert!(catalogue.apply(page, Verb::Restored));
        assert_eq!(catalogue.pick(&mut dice, Kind::LandingPage, Object::is_expendable), Some(page));
    }
}
