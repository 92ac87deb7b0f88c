#!/bin/sh
# All tests. CARREL_REQUIRE=privileged turns a SKIP for want of privilege into a failure.
# Everything runs from one debug build: a release build would only add minutes.
set -eu
. "$(dirname -- "$0")/environment.sh"

say "format"
cargo fmt --all --check

say "lints"
cargo clippy --workspace --all-targets --locked -- --deny warnings

say "building the tests"
cargo test --workspace --locked --no-run
say "tests"
if [ -n "$sudo" ]; then
    # Sandbox tests need privilege: build as this user, run as root.
    host=$(rustc --version --verbose | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_${host}_RUNNER=sudo --preserve-env=CARREL_REQUIRE,CARGO_MANIFEST_DIR"
fi
cargo test --workspace --locked

scripts/test-pages.sh

say "house rules"
cargo xtask tidy

say "alert rules"
scripts/test-alerts.sh

if cargo deny --version >/dev/null 2>&1; then
    say "dependencies"
    scripts/deny.sh
else
    echo "SKIP dependencies: cargo-deny is not installed (make deny installs it)"
fi

say "the sample course on its real environments"
cargo build --locked --package carrel
program=$target/debug/carrel
carrel course check --build courses/sample
say "all tests passed"
