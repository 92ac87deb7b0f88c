#!/bin/sh
# Feeds damaged inputs to whatever reads hostile bytes, on fresh seeds, for so many seconds:
#
#   scripts/fuzz.sh [SECONDS [TARGET]]   60 seconds and all targets where nothing is said
#
# A target is a property test `fuzz_TARGET` (fuzz/src/lib.rs says how they are made); `make test`
# runs a few hundred inputs of each. Exit code 1, and the input made small, where one fails.
set -eu
. "$(dirname -- "$0")/environment.sh"

seconds=${1:-60}
name=fuzz_${2:-}
packages="--package carrel-sandbox --package carrel-judge --package carrel-image --package carrel-course --package carrel-quiz --package carrel-markdown --package carrel-exchange"

# Targets stand beside what they feed; the one of carrel-markdown beside the reader of HTML that
# judges its output, in the crate's tests.
run() {
    # shellcheck disable=SC2086 # one word per package
    cargo test --quiet --locked --lib $packages "$@" &&
        cargo test --quiet --locked --package carrel-markdown --test it "$@"
}

say "building"
run --no-run
targets=$(run -- --list "$name" 2>/dev/null | sed -n 's/: test$//p')
[ -n "$targets" ] || {
    echo "error: no target $name" >&2
    exit 2
}
echo "$targets"

# Inputs of each target between two looks at the clock.
PROPTEST_CASES=2000
export PROPTEST_CASES
end=$(($(date +%s) + seconds))
rounds=0
while [ "$(date +%s)" -lt "$end" ]; do
    run -- "$name" >"$target/fuzz.log" 2>&1 || {
        cat "$target/fuzz.log"
        exit 1
    }
    rounds=$((rounds + 1))
done
say "$((rounds * PROPTEST_CASES)) inputs of each target: nothing found"
