#!/bin/sh
# Licences, advisories, bans and sources of dependencies: deny.toml.
set -eu
. "$(dirname -- "$0")/environment.sh"

if ! cargo deny --version >/dev/null 2>&1; then
    say "installing cargo-deny (takes some minutes)"
    cargo install --locked cargo-deny
fi
# Without the network the advisory database of the last run is used.
cargo deny --workspace check
