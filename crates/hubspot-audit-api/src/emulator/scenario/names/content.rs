//! What pages, posts, files and settings are called.

use super::super::dice::Dice;
use super::super::objects::Kind;
use super::words::*;
use super::{Taken, campaigns, slug};

/// When something is named; names tell the time of the year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Season {
    pub(crate) year: i16,
    pub(crate) month: i8,
    pub(crate) day: i8,
}

/// The name of a new object and its place: an address for pages, a path for files and code.
fn name(dice: &mut Dice, kind: Kind, season: Season) -> (String, String) {
    let name = match kind {
        Kind::WebsitePage | Kind::BlogPost if dice.chance(0.012) => dice.pick(UNUSUAL).to_owned(),
        Kind::WebsitePage => website_page(dice),
        Kind::BlogPost => blog_post(dice, season),
        Kind::CaseStudy => {
            format!("How {} cut {} by {}%", dice.pick(COMPANIES), dice.pick(NOUNS), dice.between(8, 61))
        }
        Kind::Podcast => podcast(dice, season),
        Kind::KnowledgeBaseArticle => help_article(dice),
        Kind::LandingPage | Kind::Email | Kind::Cta | Kind::WebInteractive | Kind::Quote => {
            marketing(dice, kind, season)
        }
        Kind::File => file(dice, season),
        Kind::UrlMapping => redirect(dice, season),
        Kind::HubdbTable => format!("{} {}", dice.pick(TABLES), dice.pick(TABLE_PARTS)),
        Kind::Domain => format!("{}.example.com", dice.pick(SUBDOMAINS)),
        _ => code(dice, kind),
    };
    let place = place(kind, &name);
    (name, place)
}

fn podcast(dice: &mut Dice, season: Season) -> String {
    let episode = i64::from(season.year - 2021) * 26 + i64::from(season.month) * 2 + dice.between(0, 1);
    format!("Moving Things, episode {episode}: {}", dice.pick(NOUNS))
}

fn marketing(dice: &mut Dice, kind: Kind, season: Season) -> String {
    match kind {
        Kind::LandingPage => {
            let campaign = campaigns::title(dice, season);
            campaigns::landing_page(dice, &campaign, 2)
        }
        Kind::Email => email(dice, season),
        Kind::Cta => format!("{} – {}", dice.pick(TOPICS), dice.pick(INVITATIONS)),
        Kind::WebInteractive => format!("{}: {}", dice.pick(INTERACTIVES), dice.pick(TOPICS)),
        _ => {
            let seats = dice.between(1, 60) * 5;
            format!("{} – {seats} seats, {} {}", dice.pick(COMPANIES), month(season), season.year)
        }
    }
}

pub(crate) fn place(kind: Kind, name: &str) -> String {
    let slug = slug(name);
    match kind {
        Kind::WebsitePage | Kind::CaseStudy => format!("https://www.example.com/{slug}"),
        Kind::BlogPost | Kind::Podcast => format!("https://blog.example.com/{slug}"),
        Kind::LandingPage => format!("https://go.example.com/{slug}"),
        Kind::KnowledgeBaseArticle => format!("https://help.example.com/{slug}"),
        Kind::Template => format!("meridian-theme/templates/{name}"),
        Kind::Css => format!("meridian-theme/css/{name}"),
        Kind::Js => format!("meridian-theme/js/{name}"),
        Kind::Module | Kind::GlobalModule => format!("meridian-theme/modules/{slug}.module"),
        Kind::ServerlessFunction => format!("meridian-theme/functions/{name}"),
        _ => String::new(),
    }
}

fn website_page(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => format!("{} for {}", dice.pick(TOPICS), dice.pick(INDUSTRIES)),
        1 => format!("Careers: {}", dice.pick(JOBS)),
        2 => format!("Partner: {}", dice.pick(COMPANIES)),
        3 => format!("{} ({})", dice.pick(TOPICS), dice.pick(&["DE", "FR", "ES", "PT-BR", "JA"])),
        4 => format!(
            "{}: {}",
            dice.pick(TOPICS),
            dice.pick(&["overview", "features", "FAQ", "compare plans", "how it works"])
        ),
        _ => format!(
            "{} that {} {}",
            dice.pick(&["Software", "Dashboards", "Tools"]),
            dice.pick(VERBS),
            dice.pick(NOUNS)
        ),
    }
}

fn blog_post(dice: &mut Dice, season: Season) -> String {
    match dice.below(7) {
        0 => format!("{} ways to {} {}", dice.between(3, 12), dice.pick(VERBS), dice.pick(NOUNS)),
        1 => format!("How {} teams {} {}", dice.pick(INDUSTRIES), dice.pick(VERBS), dice.pick(NOUNS)),
        2 => format!("What’s new in {} {}", month(season), season.year),
        3 => format!("Five questions for {}", dice.pick(COMPANIES)),
        4 => format!("Why {} matters in {}", dice.pick(NOUNS), season.year),
        5 => format!("{} in {}: a field guide", dice.pick(TOPICS), dice.pick(INDUSTRIES)),
        _ => format!("The real cost of {} in {}", dice.pick(NOUNS), dice.pick(INDUSTRIES)),
    }
}

fn email(dice: &mut Dice, season: Season) -> String {
    match dice.below(5) {
        0 => format!("Newsletter {} {}", month(season), season.year),
        1 => format!("Onboarding {}: {}", dice.between(1, 9), dice.pick(TASKS)),
        2 => format!("Product update {} {}: {}", month(season), season.year, dice.pick(TOPICS)),
        3 => format!("Webinar invitation: {} in {}", dice.pick(TOPICS), dice.pick(INDUSTRIES)),
        _ => format!("Partner digest {} {}", month(season), season.year),
    }
}

fn help_article(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 | 1 => format!("How do I {}{}?", dice.pick(TASKS), dice.pick(WHERE)),
        2 => format!(
            "{}: {}",
            dice.pick(TOPICS),
            dice.pick(&[
                "troubleshooting",
                "getting started",
                "limits",
                "error codes",
                "permissions",
                "frequent questions"
            ])
        ),
        _ => format!("I can’t {}{}", dice.pick(TASKS), dice.pick(WHERE)),
    }
}

fn file(dice: &mut Dice, season: Season) -> String {
    let Season { year, month, day } = season;
    match dice.below(7) {
        0 => format!("IMG_{:04}.jpg", dice.between(1, 9999)),
        1 => format!("hero-{}-{year}.webp", slug(dice.pick(TOPICS))),
        2 => format!("{}-logo.svg", slug(dice.pick(COMPANIES))),
        3 => format!("price-list-{year}-{month:02}-{}.pdf", dice.pick(&["de", "en", "fr", "es", "ja"])),
        4 => format!("datasheet-{}.pdf", slug(dice.pick(TOPICS))),
        5 => format!(
            "Screenshot {year}-{month:02}-{:02} at {:02}.{:02}.{:02}.png",
            dice.between(1, i64::from(day)),
            dice.between(8, 18),
            dice.between(0, 59),
            dice.between(0, 59)
        ),
        _ => format!("team-{:03}.jpg", dice.between(1, 999)),
    }
}

fn redirect(dice: &mut Dice, season: Season) -> String {
    let topic = slug(dice.pick(TOPICS));
    match dice.below(6) {
        0 | 1 => format!("/{}/{topic} → /{topic}", dice.pick(OLD_FOLDERS)),
        2 => {
            let post = slug(&blog_post(dice, season));
            format!("/blog/{}/{:02}/{post} → /blog/{post}", season.year - 1, season.month)
        }
        3 => {
            let campaign = slug(&campaigns::title(dice, season));
            format!("/{campaign} → /{}", dice.pick(&["customers", "pricing", "events", "resources"]))
        }
        4 => format!("/partners/{} → /partners", slug(dice.pick(COMPANIES))),
        _ => format!("/{topic}.html → /{topic}"),
    }
}

fn code(dice: &mut Dice, kind: Kind) -> String {
    let part = format!("{}{}", dice.pick(VARIANTS), dice.pick(PARTS));
    let part = part.as_str();
    match kind {
        Kind::Template => format!("{}.html", slug(part)),
        Kind::Css => format!("{}.css", slug(part)),
        Kind::Js => format!("{}.js", slug(part)),
        Kind::ServerlessFunction => {
            format!("{}.js", slug(&format!("{} {}", dice.pick(FUNCTION_NOUNS), dice.pick(FUNCTION_VERBS))))
        }
        Kind::Theme => {
            format!("Meridian {}", dice.pick(&["2025", "2026", "Careers", "Events", "Partner portal"]))
        }
        _ => part.to_owned(),
    }
}

fn month(season: Season) -> &'static str {
    MONTHS[usize::try_from(season.month - 1).unwrap_or(0) % MONTHS.len()]
}

/// A name of this kind that nothing else has, with its place.
pub(crate) fn fresh(dice: &mut Dice, taken: &mut Taken, kind: Kind, season: Season) -> (String, String) {
    let mut drawn = name(dice, kind, season);
    for _ in 0..4 {
        if !taken.is_taken(kind, &drawn.0) {
            return drawn;
        }
        drawn = name(dice, kind, season);
    }
    let mut name = drawn.0.clone();
    while taken.is_taken(kind, &name) {
        name = numbered(kind, &drawn.0, taken.take(kind, &drawn.0));
    }
    let place = place(kind, &name);
    (name, place)
}

/// `hero-2.jpg`, `/old-2 → /new`, `Pricing (2)`.
fn numbered(kind: Kind, name: &str, copy: u32) -> String {
    match (kind, name.split_once(" → "), name.rsplit_once('.')) {
        (Kind::UrlMapping, Some((old, new)), _) => format!("{old}-{copy} → {new}"),
        (Kind::Domain, ..) => name.replacen('.', &format!("{copy}."), 1),
        (_, _, Some((stem, ending))) if ending.len() <= 4 => format!("{stem}-{copy}.{ending}"),
        _ => format!("{name} ({copy})"),
    }
}

/// An agency names its things after the client they are for.
pub(crate) fn for_client(dice: &mut Dice, kind: Kind, name: String) -> String {
    if kind.is_code() || matches!(kind, Kind::UrlMapping | Kind::Domain | Kind::Theme) {
        name
    } else {
        format!("{} | {name}", dice.pick(COMPANIES))
    }
}
