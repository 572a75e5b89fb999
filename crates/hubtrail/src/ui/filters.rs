//! What templates may do to a value.

use askama::filters::HtmlSafeOutput;

/// `{{ "search"|icon }}`: one of our icons. A word stands beside it, or its button has a label.
#[askama::filter_fn]
pub(super) fn icon(name: &str, _: &dyn askama::Values) -> askama::Result<HtmlSafeOutput<String>> {
    Ok(HtmlSafeOutput(super::icon::drawn(name, "icon")))
}

/// `{{ 12345|grouped }}`: 12,345.
#[askama::filter_fn]
pub(super) fn grouped<T: TryInto<i64> + Copy>(n: &T, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(super::when::grouped(*n))
}
