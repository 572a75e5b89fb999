//! Names of people, as varied as an international company's.

use std::collections::HashSet;

use super::super::dice::Dice;
use super::super::habits::Zone;

const CENTRAL_EUROPE: (&[&str], &[&str]) = (
    &[
        "Annika",
        "Jonas",
        "Leyla",
        "Matthias",
        "Sabine",
        "Tomasz",
        "Katarzyna",
        "Felix",
        "Zoë",
        "Lukas",
        "Friederike",
        "Emre",
        "Marlene",
        "Henrik",
        "Ilse",
        "Björn",
        "Nadja",
        "Oskar",
        "Milena",
        "Till",
    ],
    &[
        "Hoffmann",
        "Müller-Brandt",
        "Yıldız",
        "Kowalczyk",
        "Lindqvist",
        "Schreiber",
        "Vogt",
        "Nowak",
        "Baumgärtner",
        "Krüger",
        "Aydın",
        "Petersen",
        "Winkler",
        "Thalberg",
        "Jansen",
        "Reuter",
        "Dvořák",
    ],
);
const BRITAIN: (&[&str], &[&str]) = (
    &[
        "Imogen", "Callum", "Priyanka", "Rhys", "Fiona", "Declan", "Beatrice", "Kwame", "Harriet", "Owen",
        "Niamh", "Alistair", "Chloe", "Tobias", "Siobhán",
    ],
    &[
        "Ashworth",
        "MacLeod",
        "Okonkwo",
        "Pemberton",
        "O’Hara",
        "Llewellyn",
        "Hargreaves",
        "Whitlock",
        "Bannerjee",
        "Fairclough",
        "Ó Briain",
        "Sutcliffe",
        "Mensah",
    ],
);
const AMERICA: (&[&str], &[&str]) = (
    &[
        "Marcus", "Danielle", "Tyrone", "Grace", "Miguel", "Hannah", "Wei", "Jasmine", "Caleb", "Rosa",
        "Ethan", "Naomi", "Darnell", "Sofía", "Logan", "Mei-Ling", "Trevor", "Aaliyah", "Lan",
    ],
    &[
        "Whitaker",
        "Rodriguez",
        "Chen",
        "Abernathy",
        "Jefferson",
        "Castellanos",
        "Park",
        "Goldberg",
        "Nguyễn",
        "Delgado",
        "Sullivan",
        "Tran",
        "Brooks",
        "Kaplan",
        "Washington",
        "Ferraro",
    ],
);
const INDIA: (&[&str], &[&str]) = (
    &[
        "Aarav", "Deepika", "Rohan", "Meera", "Karthik", "Ananya", "Vikram", "Lakshmi", "Sanjay", "Nisha",
        "Arjun", "Kavitha", "Imran", "Shreya",
    ],
    &[
        "Subramanian",
        "Iyer",
        "Reddy",
        "Kulkarni",
        "Nair",
        "Bhattacharya",
        "Sharma",
        "D’Souza",
        "Khan",
        "Gowda",
        "Menon",
        "Chatterjee",
        "Rao",
    ],
);
const BRAZIL: (&[&str], &[&str]) = (
    &["Thiago", "Luísa", "Rafael", "Camila", "João Pedro", "Beatriz", "Caio", "Fernanda"],
    &["Albuquerque", "Nogueira", "da Silva", "Figueiredo", "Monteiro", "Carvalho", "dos Santos"],
);
const JAPAN: (&[&str], &[&str]) = (
    &["Haruka", "Kenji", "Yui", "Takumi", "Aiko", "Sōta", "Misaki"],
    &["Tanaka", "Fujiwara", "Mori", "Kobayashi", "Ishikawa", "Ōno"],
);
const GULF: (&[&str], &[&str]) = (
    &["Layla", "Omar", "Noura", "Khalid", "Yasmin", "Tariq"],
    &["Haddad", "Al-Mansoori", "Rahman", "Farouk", "Najjar"],
);
/// Some write their name in their own script, with how it is spelt in their address.
const OWN_SCRIPT: &[(Zone, &str, &str)] =
    &[(Zone::Tokyo, "美咲", "田中"), (Zone::Dubai, "ليلى", "حداد"), (Zone::Berlin, "Олена", "Шевчук")];

#[derive(Debug, Default)]
pub(crate) struct Names {
    given: HashSet<String>,
}

impl Names {
    /// First and last name of a person who lives there; nobody shares both with a colleague.
    pub(crate) fn draw(&mut self, dice: &mut Dice, zone: Zone) -> (String, String) {
        let (firsts, lasts) = match zone {
            Zone::Berlin => CENTRAL_EUROPE,
            Zone::London => BRITAIN,
            Zone::NewYork | Zone::SanFrancisco => AMERICA,
            Zone::Bangalore => INDIA,
            Zone::Tokyo => JAPAN,
            Zone::SaoPaulo => BRAZIL,
            Zone::Dubai => GULF,
        };
        let own = OWN_SCRIPT.iter().find(|(home, ..)| *home == zone);
        let mut name = match own {
            Some((_, first, last)) if dice.chance(0.1) => ((*first).to_owned(), (*last).to_owned()),
            _ => (dice.pick(firsts).to_owned(), dice.pick(lasts).to_owned()),
        };
        for attempt in 0.. {
            if self.given.insert(format!("{} {}", name.0, name.1)) {
                break;
            }
            let middle = if attempt < 20 { String::new() } else { format!(" {}.", dice.pick(INITIALS)) };
            let double = if attempt < 60 { String::new() } else { format!("-{}", dice.pick(lasts)) };
            name = (format!("{}{middle}", dice.pick(firsts)), format!("{}{double}", dice.pick(lasts)));
        }
        name
    }
}

const INITIALS: &[&str] =
    &["A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "T", "V", "W"];

/// Letters that an address can hold; a name in another script gets one made of its number.
pub(crate) fn email(first: &str, last: &str, id: u64) -> String {
    let plain =
        |name: &str| -> String { name.chars().flat_map(char::to_lowercase).filter_map(latin).collect() };
    match (plain(first), plain(last)) {
        (first, last) if first.is_empty() && last.is_empty() => format!("user{id}@example.com"),
        (first, last) if last.is_empty() => format!("{first}@example.com"),
        (first, last) => format!("{first}.{last}@example.com"),
    }
}

fn latin(c: char) -> Option<char> {
    Some(match c {
        'ä' | 'á' | 'ã' | 'â' | 'à' => 'a',
        'ë' | 'é' | 'ê' | 'ễ' | 'è' => 'e',
        'ï' | 'í' | 'ı' => 'i',
        'ö' | 'ó' | 'ō' | 'ø' | 'ô' => 'o',
        'ü' | 'ú' | 'ū' => 'u',
        'ř' => 'r',
        'ç' => 'c',
        'ğ' => 'g',
        'ş' => 's',
        'a'..='z' | '0'..='9' | '-' => c,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain_and_names_never_repeat() {
        assert_eq!(email("Zoë", "Müller-Brandt", 1), "zoe.muller-brandt@example.com");
        assert_eq!(email("美咲", "田中", 7), "user7@example.com");
        let mut dice = Dice::new(3);
        let mut names = Names::default();
        let drawn: HashSet<_> = (0..400).map(|_| names.draw(&mut dice, Zone::Dubai)).collect();
        assert_eq!(drawn.len(), 400);
    }
}
