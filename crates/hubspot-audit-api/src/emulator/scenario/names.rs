//! What people and things are called. Every name is invented; addresses end in `example.com`.

use std::collections::HashMap;

use super::objects::Kind;

pub(super) mod campaigns;
pub(super) mod content;
pub(super) mod persons;
mod words;

/// Which names are in use, and how many copies of each were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken(HashMap<(Kind, String), u32>);

impl Taken {
    pub(super) fn is_taken(&self, kind: Kind, name: &str) -> bool {
        self.0.contains_key(&(kind, name.to_owned()))
    }

    /// How many times the name has now been asked for.
    pub(super) fn take(&mut self, kind: Kind, name: &str) -> u32 {
        let times = self.0.entry((kind, name.to_owned())).or_default();
        *times += 1;
        *times
    }
}

/// The form of a name in an address: `spring-sale-2026`.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') && c != '’' && c != '\'' {
            slug.push('-');
        }
        if slug.len() >= 80 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_keeps_letters_of_every_script_and_no_punctuation() {
        assert_eq!(slug("What’s new in May 2026?"), "whats-new-in-may-2026");
        assert_eq!(slug("料金プラン"), "料金プラン");
        assert_eq!(slug("🎉 We’re hiring!"), "were-hiring");
    }
}
