//! `hubtrail rules check`: whether rule files are understood in full; if not, where and why.

use std::path::PathBuf;

use clap::Args;
use hubtrail_core::detect::{Layer, RuleSet};
use jiff::tz::TimeZone;

use crate::cli::output;
use crate::rules;

/// Check rule files: every line that cannot be honoured, with the reason
#[derive(Debug, Args)]
#[command(after_help = "\
They are read beside the shipped rules, which they may refer to, filter, override and switch.

Exit code 0: all of it is understood. 1: something is not.

Example: hubtrail rules check ./our-rules extra.yml")]
pub(super) struct Check {
    /// Rule files, or directories of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<bool> {
        let mut sources: Vec<_> = rules::shipped().collect();
        for path in &self.paths {
            sources.extend(rules::read(path)?);
        }
        let (set, problems) = RuleSet::load(&sources, &TimeZone::UTC);
        for problem in &problems {
            output::print_line(problem)?;
        }
        let own = set.rules().iter().filter(|rule| rule.origin.layer == Layer::Own).count();
        let files = sources.iter().filter(|source| source.layer == Layer::Own).count();
        match problems.len() {
            0 => output::print_line(format_args!("understood: {own} rules in {files} files"))?,
            count => output::say(format_args!("not understood: {count} documents; understood: {own} rules")),
        }
        Ok(problems.is_empty())
    }
}
