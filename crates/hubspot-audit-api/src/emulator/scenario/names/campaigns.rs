//! What a campaign and its parts are called.

use super::super::dice::Dice;
use super::content::Season;

const CITIES: &[&str] =
    &["Berlin", "New York", "Bengaluru", "London", "Chicago", "Hamburg", "Austin", "Lisbon"];
const PRODUCTS: &[&str] = &["Meridian Route", "Meridian Dock", "Meridian Insights", "Meridian Returns"];

/// `Spring sale 2026`.
pub(crate) fn title(dice: &mut Dice, season: Season) -> String {
    let Season { year, month, .. } = season;
    let of_season: &[&str] = match month {
        3..=5 => &["Spring sale", "Spring webinar series", "Easter offer"],
        6..=8 => &["Summer sale", "Summer roadshow", "Back to work"],
        9 => &["Autumn launch", "Peak season readiness"],
        10 | 11 => &["Black Friday", "Peak season readiness", "Autumn launch"],
        _ => &["New Year offer", "Winter sale", "Planning season"],
    };
    match dice.below(5) {
        0 | 1 => format!("{} {year}", dice.pick(of_season)),
        2 => format!("{} launch {year}", dice.pick(PRODUCTS)),
        3 => format!("Customer day {} {year}", dice.pick(CITIES)),
        _ => format!(
            "{} {year}",
            dice.pick(&[
                "Partner summit",
                "Logistics benchmark report",
                "Carbon report",
                "Customer awards",
                "Warehouse buyer’s guide"
            ])
        ),
    }
}

pub(crate) fn landing_page(dice: &mut Dice, campaign: &str, number: usize) -> String {
    match number {
        0 => campaign.to_owned(),
        1 => format!("{campaign}: thank you"),
        _ => match dice.below(3) {
            0 => format!("{campaign} – {}", dice.pick(CITIES)),
            1 => format!("{campaign} ({})", dice.pick(&["DE", "FR", "ES", "PT-BR", "JA"])),
            _ => format!("{campaign}: variant {}", dice.pick(&["B", "C", "D"])),
        },
    }
}

pub(crate) fn email(number: usize, campaign: &str) -> String {
    match number {
        0 => format!("{campaign}: invitation"),
        1 => format!("{campaign}: reminder"),
        2 => format!("{campaign}: last chance"),
        3 => format!("{campaign}: thank you for coming"),
        more => format!("{campaign}: follow-up {}", more - 3),
    }
}

pub(crate) fn cta(dice: &mut Dice, campaign: &str) -> String {
    const WISHES: &[&str] =
        &["Save my seat", "Get the report", "Claim the offer", "Talk to sales", "See the programme"];
    const SPOTS: &[&str] =
        &["header button", "blog sidebar", "exit pop-up", "footer banner", "e-mail button"];
    format!("{campaign} – {} ({})", dice.pick(WISHES), dice.pick(SPOTS))
}
