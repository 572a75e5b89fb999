//! For tests: what nobody would write. Text that is well formed, with pieces cut out, changed, repeated and put in,
//! so that it reaches further into a parser than bytes at random do.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Pieces at which parsers are known to stumble.
const PIECES: &[&str] = &[
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "'",
    "%",
    "%2",
    "%ff",
    "&",
    "&a ",
    "*a",
    "=",
    "==",
    ",",
    ";",
    ":",
    "|",
    "||",
    "*",
    "?",
    "!",
    "!!str ",
    "<<: ",
    "#",
    "-",
    "- ",
    "---\n",
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    "(",
    ")",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    " ",
    "  ",
    "null",
    "true",
    "~",
    "-0",
    "1e999",
    "-1",
    "0x1",
    "9223372036854775807",
    "-9223372036854775809",
    "99999999999999999999",
    "0.1",
    "24:60:60",
    "0000-00-00",
    "+99:99",
    "é",
    "日本",
    "\u{10ffff}",
    "not ",
    " and ",
    " or ",
    "of ",
    "1 of ",
    "all of them",
];

#[derive(Clone, Debug)]
enum Damage {
    Cut(Index, usize),
    Change(Index, u8),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize, usize),
    End(Index),
}

impl Damage {
    fn apply(self, bytes: &mut Vec<u8>) {
        let end = bytes.len();
        let at = |index: Index| index.index(end + 1);
        match self {
            Self::Cut(index, length) => drop(bytes.drain(at(index)..(at(index) + length).min(end))),
            Self::Change(index, byte) => {
                if let Some(old) = bytes.get_mut(at(index)) {
                    *old ^= byte;
                }
            }
            Self::Insert(index, piece) => drop(bytes.splice(at(index)..at(index), piece)),
            Self::Repeat(index, length, times) => {
                let piece = bytes[at(index)..(at(index) + length).min(end)].repeat(times);
                drop(bytes.splice(at(index)..at(index), piece));
            }
            Self::End(index) => bytes.truncate(at(index)),
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let piece =
        prop_oneof![select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()), vec(any::<u8>(), 1..6)];
    prop_oneof![
        3 => (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Damage::Cut(at, length)),
        3 => (any::<Index>(), 1..=255_u8).prop_map(|(at, byte)| Damage::Change(at, byte)),
        5 => (any::<Index>(), piece).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        2 => (any::<Index>(), 1..60_usize, 1..20_usize).prop_map(|(at, length, times)| Damage::Repeat(at, length, times)),
        1 => any::<Index>().prop_map(Damage::End),
    ]
}

/// One of the texts after some mishaps; seldom none of them, or nothing that was ever well formed.
pub(crate) fn damaged(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let hurt = (select(seeds), vec(damage(), 0..6)).prop_map(|(seed, mishaps)| {
        let mut bytes = seed.as_bytes().to_vec();
        mishaps.into_iter().for_each(|mishap| mishap.apply(&mut bytes));
        bytes
    });
    prop_oneof![12 => hurt, 1 => vec(any::<u8>(), 0..200)]
}

/// As [`damaged`], for readers of text.
pub(crate) fn damaged_text(seeds: &'static [&'static str]) -> impl Strategy<Value = String> {
    damaged(seeds).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
