#!/bin/sh
# The pages in a real browser: every flow over one service and one Chromium (e2e/pages).
#
#   scripts/test-pages.sh [--test-name-pattern WORD]
#
# Pictures of the pages are left in e2e/pages/out. With CARREL_REQUIRE a missing browser is a failure.
set -eu
. "$(dirname -- "$0")/environment.sh"

for program in node npm "${CARREL_CHROMIUM:-chromium}"; do
    command -v "$program" >/dev/null 2>&1 || {
        echo "SKIP pages: $program is not installed (scripts/setup.sh test installs it)"
        if [ -n "${CARREL_REQUIRE:-}" ]; then exit 1; else exit 0; fi
    }
done

say "building carrel (debug)"
cargo build --quiet --locked --package carrel

e2e/pages/install.sh
cd e2e/pages
say "the pages in Chromium"
CARREL_PROGRAM="$target/debug/carrel" node --test-reporter=spec "$@" main.mjs
