//! The words of the command line are an interface: each change to them is seen.

use crate::binary::Hubtrail;

const COMMANDS: &[&str] = &[
    "",
    "connector",
    "connector add",
    "connector list",
    "connector show",
    "connector test",
    "connector edit",
    "connector token",
    "connector pause",
    "connector resume",
    "connector backfill",
    "connector apply",
    "connector remove",
    "connector erase",
    "collect",
    "verify",
    "events",
    "findings",
    "findings list",
    "findings show",
    "findings ack",
    "findings close",
    "findings reopen",
    "findings note",
    "findings assign",
    "findings export",
    "findings exception",
    "findings exception add",
    "findings exception list",
    "findings exception end",
    "normalize",
    "detect",
    "rules",
    "rules list",
    "rules check",
    "rules explain",
    "rules test",
    "alert",
    "alert add",
    "alert list",
    "alert test",
    "alert pause",
    "alert resume",
    "alert remove",
    "sink",
    "sink add",
    "sink list",
    "sink show",
    "sink test",
    "sink edit",
    "sink pause",
    "sink resume",
    "sink replay",
    "sink dead-letters",
    "sink dead-letters list",
    "sink remove",
    "rules enable",
    "rules disable",
    "status",
    "doctor",
    "backup",
    "restore",
    "serve",
    "user",
    "user add",
    "user list",
    "user password",
    "user role",
    "user disable",
    "user enable",
    "user remove",
    "token",
    "token create",
    "token list",
    "token revoke",
    "demo",
    "emulate",
    "completions",
];

fn help(command: &str) -> String {
    let mut arguments: Vec<_> = command.split_whitespace().collect();
    arguments.push("--help");
    Hubtrail::new().prints(&arguments)
}

#[test]
fn every_command_explains_itself() {
    for command in COMMANDS {
        let name = if command.is_empty() { "hubtrail".to_owned() } else { command.replace(' ', "_") };
        insta::assert_snapshot!(name, help(command));
    }
}

#[test]
fn misuse_ends_with_2_and_success_with_0() {
    let hubtrail = Hubtrail::new();
    assert!(hubtrail.fails(2, &["no-such-command"]).contains("no-such-command"));
    assert!(hubtrail.fails(2, &["completions", "cobol"]).contains("bash"));
    assert!(hubtrail.prints(&["--version"]).starts_with("hubtrail "));
}

#[test]
fn completions_are_written_for_every_shell_without_a_data_directory() {
    let hubtrail = Hubtrail::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(hubtrail.prints(&["completions", shell]).contains("hubtrail"), "{shell}");
    }
    assert!(!hubtrail.data_dir().exists());
}
