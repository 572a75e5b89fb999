//! Our icons, drawn into the page. A reference to their file would be drawn once more when that file is there, after the
//! page's first frame; only what scripts add later refers to it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// By name: the box that an icon is drawn in, and its shapes.
static ICONS: LazyLock<HashMap<&'static str, (&'static str, &'static str)>> =
    LazyLock::new(|| include_str!("../../assets/icons.svg").split("<symbol ").filter_map(symbol).collect());

/// The icon of a name; the class says how large it is and in which colour. A word stands beside it.
pub(super) fn drawn(name: &str, class: &str) -> String {
    let (view, shapes) = ICONS.get(name).copied().unwrap_or_default();
    format!(r#"<svg class="{class}" viewBox="{view}" aria-hidden="true">{shapes}</svg>"#)
}

fn symbol(text: &'static str) -> Option<(&'static str, (&'static str, &'static str))> {
    let (head, rest) = text.split_once('>')?;
    let (shapes, _) = rest.split_once("</symbol>")?;
    Some((attribute(head, "id")?, (attribute(head, "viewBox")?, shapes)))
}

fn attribute(head: &'static str, name: &str) -> Option<&'static str> {
    let (_, value) = head.split_once(&format!("{name}=\""))?;
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_of_the_file_is_found() {
        let all = include_str!("../../assets/icons.svg").matches("<symbol ").count();
        assert_eq!(ICONS.len(), all);
        assert!(
            ICONS.values().all(|(view, shapes)| !view.is_empty() && shapes.starts_with('<')),
            "{ICONS:?}"
        );
    }

    #[test]
    fn an_icon_is_drawn_without_asking_for_a_file() {
        let search = drawn("search", "icon");
        assert!(
            search.starts_with(r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle"#),
            "{search}"
        );
        assert!(!search.contains("href"), "{search}");
    }
}
