#!/bin/sh
# All tests. CARREL_REQUIRE=privileged turns a SKIP for want of privilege into a failure.
set -eu
. "$(dirname -- "$0")/environment.sh"

say "format"
cargo fmt --all --check

say "lints"
cargo clippy --workspace --all-targets --locked -- --deny warnings

say "tests"
cargo test --workspace --locked --no-run
if [ -n "$sudo" ]; then
    # Sandbox tests need privilege: build as this user, run as root.
    host=$(rustc --version --verbose | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_${host}_RUNNER=sudo --preserve-env=CARREL_REQUIRE,CARGO_MANIFEST_DIR"
fi
cargo test --workspace --locked

say "house rules"
cargo xtask tidy

if cargo deny --version >/dev/null 2>&1; then
    say "dependencies"
    scripts/deny.sh
else
    echo "SKIP dependencies: cargo-deny is not installed (make deny installs it)"
fi

scripts/build.sh
say "the sample course on its real environments"
carrel course check --build courses/sample
