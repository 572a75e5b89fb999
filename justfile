# `pip install rust-just`, then `just`.

# List what there is
default:
    @just --list

# Format, lints and documentation: what can be told without running anything
check:
    ./scripts/house-rules
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Everything that CI runs; `just test --long` for more of it
test *arguments:
    ./scripts/test {{ arguments }}

# Run the tests and look at every snapshot that changed (`cargo install cargo-insta`)
snap:
    cargo insta test --workspace --review

# An emulated account, collected and told in the terminal until Ctrl-C
demo *arguments:
    cargo run --release -- demo {{ arguments }}

# How good the shipped rules are on traces with known attacks, by default those in ../shared/traces
eval *arguments:
    ./scripts/eval {{ arguments }}

# An archive and a Debian package of a release build, with checksums, in target/dist
package:
    cargo build --profile shipped --locked -p hubtrail
    ./packaging/build "${CARGO_TARGET_DIR:-target}/shipped/hubtrail" target/dist

# Measure beside Tenzir, dlt, Airbyte and HubSpot's client, and write docs/benchmarks.md; or a part: `just bench collect`, `just bench detect`
bench *arguments:
    ./scripts/bench {{ arguments }}
