<<<<<<< HEAD
//! What HubSpot does not document, and what can go wrong, as flags. Their meaning is the emulator's.

use clap::Args;
use hubspot_audit_api::emulator::behaviour::{
    Behaviour, Bound, CursorForm, DescendingAfter, Gone, LastPage, Late, Names, OverLimit,
};
use hubspot_audit_api::emulator::faults::{Fault, FaultPlan};
=======
//! Every switch of the emulator's behaviour as a flag. The defaults are the emulator's own.

use clap::{ArgAction, Args, value_parser};
use hubspot_audit_api::emulator::behaviour::{
    Behaviour, Bound, CursorForm, DescendingAfter, Gone, LastPage, Late, Names, OverLimit,
};
>>>>>>> demo
use hubspot_audit_api::page::LinkForm;
use hubspot_audit_api::query::{ArrayForm, Order};
use hubspot_audit_api::record::TimeForm;

<<<<<<< HEAD
#[derive(Debug, Args)]
#[command(next_help_heading = "What HubSpot does not document")]
pub(super) struct Switches {
    /// Whether `after` itself is included: inclusive or exclusive
    #[arg(long, value_name = "BOUND", default_value_t = Bound::Exclusive)]
    after_bound: Bound,
    /// Whether `before` itself is included: inclusive or exclusive
    #[arg(long, value_name = "BOUND", default_value_t = Bound::Exclusive)]
    before_bound: Bound,
    /// What the cursor is: epoch-ms, iso or opaque
    #[arg(long, value_name = "FORM", default_value_t = CursorForm::EpochMs)]
=======
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
>>>>>>> demo
    cursor: CursorForm,
    /// How long an opaque cursor is good for [default: for ever]
    #[arg(long, value_name = "MS")]
    cursor_lifetime_ms: Option<u32>,
<<<<<<< HEAD
    /// `after` is cut down to a multiple of this
    #[arg(long, value_name = "MS", default_value_t = 1)]
    after_grain_ms: u32,
    /// The order without `sort`: asc or desc
    #[arg(long, value_name = "ORDER", default_value_t = Order::Ascending)]
    default_order: Order,
    /// `sort` changes nothing
    #[arg(long)]
    ignore_sort: bool,
    /// What `after` means when the newest come first: by-form, filter or cursor
    #[arg(long, value_name = "MEANING", default_value_t = DescendingAfter::ByForm)]
    descending_after: DescendingAfter,
    /// Records in a page without `limit`
    #[arg(long, value_name = "N", default_value_t = 100)]
    default_limit: u32,
    /// The largest page
    #[arg(long, value_name = "N", default_value_t = 100)]
    max_limit: u32,
    /// What a larger `limit` brings: clamp or error
    #[arg(long, value_name = "WHAT", default_value_t = OverLimit::Clamp)]
    over_limit: OverLimit,
    /// How times are written: iso, iso-short, epoch-string or epoch-number
    #[arg(long, value_name = "FORM", default_value_t = TimeForm::Iso)]
    time_form: TimeForm,
    /// Whether a rename changes the past: recorded or current
    #[arg(long, value_name = "WHICH", default_value_t = Names::Recorded)]
    names: Names,
    /// The shape of `next.link`: absolute, relative, bare, empty, absent or the origin of another host
    #[arg(long, value_name = "SHAPE", default_value_t = LinkForm::Absolute)]
    links: LinkForm,
    /// Send `paging.prev`
    #[arg(long)]
    prev: bool,
    /// Whether the last page has a cursor: no-cursor, cursor or always-cursor
    #[arg(long, value_name = "WHICH", default_value_t = LastPage::NoCursor)]
    last_page: LastPage,
    /// Every so many answers an empty page; 0: never
    #[arg(long, value_name = "N", default_value_t = 0)]
    empty_every: u32,
    /// Every so many answers the page before once more; 0: never
    #[arg(long, value_name = "N", default_value_t = 0)]
    repeat_every: u32,
    /// Part of the records that become visible late, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    late: f64,
    /// Late by up to this much of the account's time
    #[arg(long, value_name = "MS", default_value_t = 0)]
    late_ms: u32,
    /// Late by up to this many requests
    #[arg(long, value_name = "N", default_value_t = 0)]
    late_requests: u32,
    /// Versions no longer served, such as v3=404 or 2025-09=410
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    gone: Vec<Gone>,
    /// How several values may be written: comma, repeated or both
    #[arg(long, value_name = "FORM", default_value_t = ArrayForm::Both)]
    arrays: ArrayForm,
    /// Refuse unknown event and object types with 400
    #[arg(long)]
    refuse_unknown: bool,
    /// Longer addresses are answered with 414
    #[arg(long, value_name = "N", default_value_t = 8_192)]
    max_uri_bytes: u32,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
pub(super) struct FaultSwitches {
    /// Part of the requests that is disturbed, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    fault_rate: f64,
    /// What a disturbed request gets, such as 500, 429-secondly, reset, truncated or hang [default: all that heal]
    #[arg(long, value_name = "FAULT", value_delimiter = ',')]
    fault: Vec<Fault>,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("write a number from 0 to 1, such as 0.05".to_owned()),
    }
=======
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
>>>>>>> demo
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
<<<<<<< HEAD
            honour_sort: !self.ignore_sort,
=======
            honour_sort: self.honour_sort,
>>>>>>> demo
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
<<<<<<< HEAD
            late: Late { share: self.late, most_ms: self.late_ms, most_requests: self.late_requests },
=======
            late: Late { share: self.late_share, most_ms: self.late_ms, most_requests: self.late_requests },
>>>>>>> demo
            gone: self.gone.clone(),
            arrays: self.arrays,
            refuse_unknown: self.refuse_unknown,
            max_uri_bytes: self.max_uri_bytes,
        }
    }
}

<<<<<<< HEAD
impl FaultSwitches {
    pub(super) fn plan(&self) -> FaultPlan {
        let default = FaultPlan::default();
        let kinds = if self.fault.is_empty() { default.kinds.clone() } else { self.fault.clone() };
        FaultPlan { rate: self.fault_rate, kinds, ..default }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;

    #[test]
    fn without_flags_the_emulator_behaves_as_it_does_by_itself() {
        let command = FaultSwitches::augment_args(Switches::augment_args(Command::new("emulate")));
        let matches = command.try_get_matches_from(["emulate"]).unwrap();
        let switches = Switches::from_arg_matches(&matches).unwrap();
        assert_eq!(format!("{:?}", switches.behaviour()), format!("{:?}", Behaviour::default()));
        assert_eq!(FaultSwitches::from_arg_matches(&matches).unwrap().plan(), FaultPlan::default());
=======
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
>>>>>>> demo
    }
}
