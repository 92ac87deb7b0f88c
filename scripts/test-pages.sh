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

cd e2e/pages
made_of=$(cat package.json package-lock.json | sha256sum | cut -d ' ' -f 1)
if [ "$(cat node_modules/.made-of 2>/dev/null || true)" != "$made_of" ]; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    echo "$made_of" >node_modules/.made-of
fi
say "the pages in Chromium"
CARREL_PROGRAM="$target/debug/carrel" node --test-reporter=spec "$@" main.mjs
