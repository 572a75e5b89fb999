//! Every switch of the emulator's behaviour as a flag. The defaults are the emulator's own.

use clap::{ArgAction, Args, value_parser};
use hubspot_audit_api::emulator::behaviour::{
    Behaviour, Bound, CursorForm, DescendingAfter, Gone, LastPage, Late, Names, OverLimit,
};
use hubspot_audit_api::page::LinkForm;
use hubspot_audit_api::query::{ArrayForm, Order};
use hubspot_audit_api::record::TimeForm;

use super::word::{share, turn, word};

#[derive(Debug, Args)]
#[command(next_help_heading = "Behaviour that HubSpot does not document")]
pub(super) struct Switches {
    /// Whether `after` as a time includes that millisecond
    #[arg(long, value_name = "BOUND", value_parser = word!(Bound), default_value_t = usual().after_bound)]
    after_bound: Bound,
    /// Whether `before` includes that millisecond
    #[arg(long, value_name = "BOUND", value_parser = word!(Bound), default_value_t = usual().before_bound)]
    before_bound: Bound,
    /// What `paging.next.after` is: the last record's time in two forms, or a place that loses nothing
    #[arg(long, value_name = "FORM", value_parser = word!(CursorForm), default_value_t = usual().cursor)]
    cursor: CursorForm,
    /// How long an opaque cursor is good for [default: for ever]
    #[arg(long, value_name = "MS")]
    cursor_lifetime_ms: Option<u32>,
    /// Cut a time in `after` down to a multiple of this
    #[arg(long, value_name = "MS", value_parser = value_parser!(u32).range(1..), default_value_t = usual().after_grain_ms)]
    after_grain_ms: u32,
    /// The order when `sort` is not sent
    #[arg(long, value_name = "ORDER", value_parser = word!(Order), default_value_t = usual().default_order)]
    default_order: Order,
    /// Whether `sort` is obeyed
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = usual().honour_sort)]
    honour_sort: bool,
    /// What `after` means when the newest come first: a cursor, a lower bound, or a cursor only as milliseconds
    #[arg(long, value_name = "MEANING", value_parser = word!(DescendingAfter), default_value_t = usual().descending_after)]
    descending_after: DescendingAfter,
    /// Records in a page when `limit` is not sent
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..), default_value_t = usual().default_limit)]
    default_limit: u32,
    /// Most records in a page
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..), default_value_t = usual().max_limit)]
    max_limit: u32,
    /// A larger `limit` is cut down or refused with 400
    #[arg(long, value_name = "HOW", value_parser = word!(OverLimit), default_value_t = usual().over_limit)]
    over_limit: OverLimit,
    /// How `timestamp` is written
    #[arg(long, value_name = "FORM", value_parser = word!(TimeForm), default_value_t = usual().time_form)]
    time_form: TimeForm,
    /// Names as they were when recorded, or as they are now: a rename changes the past
    #[arg(long, value_name = "WHEN", value_parser = word!(Names), default_value_t = usual().names)]
    names: Names,
    /// `paging.next.link`: absolute, relative, bare (without the filters), empty, absent, or the origin of another
    /// server
    #[arg(long, value_name = "FORM", default_value_t = usual().links)]
    links: LinkForm,
    /// Whether `paging.prev` is sent
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = usual().prev)]
    prev: bool,
    /// Whether the last page has a cursor; with always-cursor, even an empty one
    #[arg(long, value_name = "HOW", value_parser = word!(LastPage), default_value_t = usual().last_page)]
    last_page: LastPage,
    /// An empty page with a cursor every so many answers; 0 is never
    #[arg(long, value_name = "N", value_parser = turn, default_value_t = usual().empty_every)]
    empty_every: u32,
    /// The page before once more every so many answers; 0 is never
    #[arg(long, value_name = "N", value_parser = turn, default_value_t = usual().repeat_every)]
    repeat_every: u32,
    /// Share of the records that become visible late, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share, default_value_t = usual().late.share)]
    late_share: f64,
    /// Late by at most so much
    #[arg(long, value_name = "MS", default_value_t = usual().late.most_ms)]
    late_ms: u32,
    /// Late by at most so many requests of the audit log
    #[arg(long, value_name = "N", default_value_t = usual().late.most_requests)]
    late_requests: u32,
    /// Versions that are no longer served: v3, 2025-09, 2026-03 or 2026-09, with =404 or =410
    #[arg(long, value_name = "VERSION[=STATUS]", value_delimiter = ',')]
    gone: Vec<Gone>,
    /// How several values of one filter may be written
    #[arg(long, value_name = "FORM", value_parser = word!(ArrayForm), default_value_t = usual().arrays)]
    arrays: ArrayForm,
    /// Whether an unknown event or object type is refused with 400
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = usual().refuse_unknown)]
    refuse_unknown: bool,
    /// Longer URIs are answered with 414
    #[arg(long, value_name = "N", default_value_t = usual().max_uri_bytes)]
    max_uri_bytes: u32,
}

fn usual() -> Behaviour {
    Behaviour::default()
}

impl Switches {
    pub(super) fn behaviour(&self) -> Behaviour {
        Behaviour {
            after_bound: self.after_bound,
            before_bound: self.before_bound,
            cursor: self.cursor,
            cursor_lifetime_ms: self.cursor_lifetime_ms,
            after_grain_ms: self.after_grain_ms,
            default_order: self.default_order,
            honour_sort: self.honour_sort,
            descending_after: self.descending_after,
            default_limit: self.default_limit,
            max_limit: self.max_limit,
            over_limit: self.over_limit,
            time_form: self.time_form,
            names: self.names,
            links: self.links.clone(),
            prev: self.prev,
            last_page: self.last_page,
            empty_every: self.empty_every,
            repeat_every: self.repeat_every,
            late: Late { share: self.late_share, most_ms: self.late_ms, most_requests: self.late_requests },
            gone: self.gone.clone(),
            arrays: self.arrays,
            refuse_unknown: self.refuse_unknown,
            max_uri_bytes: self.max_uri_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        switches: Switches,
    }

    fn behaviour(flags: &str) -> Behaviour {
        let words = std::iter::once("alone").chain(flags.split_whitespace());
        Alone::try_parse_from(words).unwrap().switches.behaviour()
    }

    #[test]
    fn without_flags_it_behaves_as_usual_and_with_them_otherwise() {
        assert_eq!(format!("{:?}", behaviour("")), format!("{:?}", usual()));
        let odd = behaviour(
            "--after-bound inclusive --cursor opaque --cursor-lifetime-ms 5 --honour-sort false --prev true \
             --links http://127.0.0.1:1 --late-share 0.5 --late-ms 700 --gone v3=410,2025-09",
        );
        assert_eq!(
            (odd.after_bound, odd.cursor, odd.cursor_lifetime_ms),
            (Bound::Inclusive, CursorForm::Opaque, Some(5))
        );
        assert_eq!((odd.honour_sort, odd.prev), (false, true));
        assert_eq!(odd.links, LinkForm::Elsewhere("http://127.0.0.1:1".to_owned()));
        assert_eq!(odd.late, Late { share: 0.5, most_ms: 700, most_requests: 0 });
        assert_eq!(odd.gone.len(), 2);
    }
}
