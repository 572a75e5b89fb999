//! What the account already has when its history begins.

use super::dice::Dice;
use super::names::content::{self, Season};
use super::objects::{Catalogue, Kind, State};
use super::preset::Pace;

/// Written by the automation account every night.
pub(super) const SYNCED_FILES: &[&str] =
    &["price-list-current.pdf", "store-locations.geojson", "carrier-rates.csv", "product-feed.xml"];

/// Things that are not one of many: everybody in the company knows them by name.
const WELL_KNOWN: &[(Kind, &[&str])] = &[
    (
        Kind::WebsitePage,
        &[
            "Home",
            "Pricing",
            "About us",
            "Contact",
            "Product overview",
            "Customers",
            "Careers",
            "Partners",
            "Imprint",
            "Privacy policy",
            "Terms of service",
            "Book a demo",
            "Security",
            "Press",
            "Login help",
        ],
    ),
    (Kind::Blog, &["Meridian Blog", "Engineering Blog", "Newsroom"]),
    (
        Kind::Domain,
        &[
            "www.example.com",
            "blog.example.com",
            "go.example.com",
            "help.example.com",
            "news.example.com",
            "static.example.com",
        ],
    ),
    (
        Kind::ContentSettings,
        &[
            "Website pages settings",
            "Blog comments",
            "Security settings",
            "Branding",
            "SEO and crawlers",
            "System pages",
        ],
    ),
    (Kind::KnowledgeBase, &["Help Center", "Partner Help Center"]),
    (Kind::Theme, &["Meridian 2024", "Meridian Blog theme"]),
    (
        Kind::GlobalModule,
        &["Site header", "Site footer", "Announcement bar", "Language switcher", "Main navigation"],
    ),
    (Kind::Css, &["main.css", "theme-overrides.css", "blog.css", "print.css", "landing.css"]),
    (Kind::Js, &["main.js", "consent.js", "search.js", "pricing-calculator.js", "forms.js"]),
    (
        Kind::Template,
        &[
            "home.html",
            "landing-page.html",
            "blog-post.html",
            "blog-listing.html",
            "two-column.html",
            "404.html",
            "thank-you.html",
        ],
    ),
    (Kind::ServerlessFunction, &["quote-request.js", "store-search.js", "event-registration.js"]),
    (Kind::HubdbTable, &["Store locations", "Price list", "Events", "Carriers", "Partners", "Job openings"]),
    (Kind::File, SYNCED_FILES),
    (
        Kind::UrlMapping,
        &["/login → /signin", "/demo → /book-a-demo", "/jobs → /careers", "/prices → /pricing"],
    ),
];

/// One of many, and how many there are for each person of the team.
const COMMON: &[(Kind, usize)] = &[
    (Kind::WebsitePage, 4),
    (Kind::BlogPost, 8),
    (Kind::LandingPage, 2),
    (Kind::Email, 4),
    (Kind::Cta, 2),
    (Kind::File, 12),
    (Kind::KnowledgeBaseArticle, 4),
    (Kind::CaseStudy, 1),
    (Kind::Podcast, 1),
    (Kind::Quote, 1),
    (Kind::WebInteractive, 1),
    (Kind::Module, 1),
    (Kind::Template, 1),
    (Kind::UrlMapping, 3),
];

pub(super) fn furnish(catalogue: &mut Catalogue, dice: &mut Dice, season: Season, pace: Pace) {
    for (kind, names) in WELL_KNOWN {
        for name in *names {
            let place = content::place(*kind, name);
            let object = catalogue.add(dice, *kind, (*name).to_owned(), place, State::Live);
            catalogue.make_cornerstone(object);
        }
    }
    let years = i64::from(season.year);
    for (kind, each) in COMMON {
        for _ in 0..(each * pace.people).min(600) {
            let earlier = Season {
                year: i16::try_from(years - dice.between(0, 2)).unwrap_or(season.year),
                month: i8::try_from(dice.between(1, 12)).unwrap_or(1),
                day: 28,
            };
            let (name, place) = content::fresh(dice, &mut catalogue.taken, *kind, earlier);
            let name = if pace.is_agency { content::for_client(dice, *kind, name) } else { name };
            catalogue.add(dice, *kind, name, place, State::Live);
        }
    }
}
