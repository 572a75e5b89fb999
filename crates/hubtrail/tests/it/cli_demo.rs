//! `hubtrail demo` as a newcomer sees it, with the real binary.

use std::path::Path;

use crate::binary::{Hubtrail, text};

#[test]
fn history_and_what_happens_meanwhile_arrive_and_nothing_is_missing() {
    let hubtrail = Hubtrail::new();
    let output = hubtrail.run(&["demo", "--events", "900", "--rate", "300", "--for", "8s"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}{}", text(&output.stderr));
    assert!(shown.starts_with("http://127.0.0.1:") && shown.contains("/enter?key="), "{shown}");
    assert!(shown.contains("900 events of ") && shown.contains("; nothing missing\n"), "{shown}");
    let (_, live) = shown.split_once("as it happens\n").unwrap();
    let is_event = |line: &&str| !line.starts_with('▲');
    let sentences = live.lines().take_while(|line| !line.is_empty()).filter(is_event).count();
    let counted =
        shown.lines().find_map(|line| line.strip_prefix("collected ")?.split_once(" events, ")).unwrap();
    assert!(sentences > 0, "{shown}");
    assert_eq!(
        counted,
        ((900 + sentences).to_string().as_str(), format!("{sentences} of them as you watched").as_str())
    );
    assert!(shown.contains(&format!("has {}: missing 0, doubled 0", 900 + sentences)), "{shown}");
    assert!(!shown.contains('\u{1b}'), "there are no colours in a pipe");
    let dir = shown.lines().find_map(|line| line.trim().strip_prefix("data ")).unwrap();
    let dir = Path::new(dir.split_whitespace().next().unwrap());
    assert!(dir.is_absolute() && !dir.exists(), "{} was removed", dir.display());
    assert!(!hubtrail.data_dir().exists(), "a configured directory is not for play");
}

#[test]
fn a_directory_that_was_named_is_kept_and_its_connector_rests() {
    let hubtrail = Hubtrail::new();
    let dir = hubtrail.data_dir().to_str().unwrap();
    let demo = ["demo", "--events", "50", "--for", "100ms", "--data-dir", dir];
    assert!(hubtrail.prints(&demo).contains("missing 0, doubled 0"));
    assert!(hubtrail.prints(&["events", "--format", "raw"]).lines().count() >= 50);
    assert!(hubtrail.prints(&["connector", "list"]).contains("paused"));
    assert!(hubtrail.fails(1, &demo).contains("connector `demo`"));
    assert!(hubtrail.fails(2, &["demo", "--for", "soon"]).contains("10s"));
}
