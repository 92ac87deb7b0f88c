#!/bin/sh
# Licences, bans and sources of dependencies, and (with `advisories`, which needs the network) known weaknesses: deny.toml.
set -eu
. "$(dirname -- "$0")/environment.sh"

if ! cargo deny --version >/dev/null 2>&1; then
    say "installing cargo-deny (takes some minutes)"
    cargo install --locked cargo-deny
fi
cargo deny --workspace check --hide-inclusion-graph bans licenses sources "$@"
