//! The real process, killed where it hurts: at random moments and at each step between a request and
//! what a reader of the log sees. What it left must be sound, and resuming must make the log equal to
//! the account.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

mod account;
mod commands;
#[cfg(target_os = "linux")]
mod disk;
mod landing;
mod life;
mod strike;

use hubtrail_core::checkpoint::WalkKind;
use landing::{Landing, Place};
use life::{KILLS_OF_A_LIFE, Life};

/// Kills of the usual run; `HUBTRAIL_CRASHES` asks for more in a long campaign.
const KILLS: usize = 20;

#[test]
fn a_collection_killed_anywhere_goes_on_to_the_whole_account() {
    let wanted = wanted_kills();
    let mut landings = Vec::new();
    for seed in 0..u64::try_from(wanted.div_ceil(KILLS_OF_A_LIFE)).unwrap() {
        let lived = Life::new(seed).lived();
        lived.iter().for_each(|(what, landing)| say(format_args!("life {seed}: {what}: {landing}")));
        landings.extend(lived.into_iter().map(|(_, landing)| landing));
    }
    say(format_args!("{}", distribution(&landings)));
    let within = landings.iter().filter(|landing| landing.place == Place::Within).count();
    assert!(landings.len() >= wanted, "{} kills of {wanted}", landings.len());
    assert!(within * 2 >= landings.len(), "{within} of {} fell into a walk", landings.len());
    for kind in [WalkKind::Backfill, WalkKind::Range, WalkKind::Tail] {
        assert!(landings.iter().any(|landing| landing.walk == kind), "no {} was killed", kind.as_str());
    }
}

#[expect(clippy::disallowed_methods, reason = "the length of a campaign is no setting of the product")]
fn wanted_kills() -> usize {
    std::env::var("HUBTRAIL_CRASHES").map_or(KILLS, |kills| kills.parse().unwrap())
}

/// Not by `println!`: where the kills fell is to be read after a run that passed, too.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn distribution(landings: &[Landing]) -> String {
    let mut counts: BTreeMap<_, [usize; 3]> = BTreeMap::new();
    for landing in landings {
        counts.entry(landing.walk).or_default()[landing.place as usize] += 1;
    }
    let mut text = format!("{} kills, all resumed to the whole account:", landings.len());
    for (walk, [before, within, after]) in counts {
        let name = walk.as_str();
        let _ = write!(
            text,
            " {name} {before} before its first commit, {within} within, {after} after its last;"
        );
    }
    text
}
