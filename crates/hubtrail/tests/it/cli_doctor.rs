//! `hubtrail doctor`, and what every command says of a configuration that cannot be.

use crate::binary::Hubtrail;

#[test]
fn a_wrong_setting_is_named_with_its_place_and_its_fix() {
    let hubtrail = Hubtrail::new();
    let file = hubtrail.data_dir().with_file_name("hubtrail.toml");
    std::fs::write(&file, "[log]\nlevle = \"info\"\n").unwrap();
    let file = file.display().to_string();
    assert_eq!(
        hubtrail.fails(1, &["--config", &file, "doctor"]),
        format!("error: {file}:2:1: unknown key `levle` in [log]\nfix: did you mean `level`?\n")
    );
    let missing = hubtrail.fails(1, &["doctor", "--config", "/no/such/file"]);
    assert!(
        missing.contains("error: read configuration /no/such/file: ") && missing.contains("fix: "),
        "{missing}"
    );
}

#[cfg(unix)]
#[test]
fn a_data_directory_that_others_can_read_is_warned_of_and_a_file_in_its_place_fails() {
    use std::os::unix::fs::PermissionsExt;
    let hubtrail = Hubtrail::new();
    let dir = hubtrail.data_dir();
    std::fs::create_dir(dir).unwrap();
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
    let checks: serde_json::Value = serde_json::from_str(&hubtrail.prints(&["doctor", "--json"])).unwrap();
    let permissions = checks.as_array().unwrap().iter().find(|check| check["what"] == "permissions").unwrap();
    assert_eq!(permissions["verdict"], "warn");
    assert!(permissions["fix"].as_str().unwrap().starts_with("chmod 700 "));
    std::fs::remove_dir_all(dir).unwrap();
    std::fs::write(dir, "").unwrap();
    let output = hubtrail.run(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
}
