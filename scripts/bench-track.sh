#!/bin/sh
# Judges an imported Exercism python track (carrel import exercism TRACK DIRECTORY) and, in the
# same run, its bare tests: pytest on each reference solution. Prints both times.
set -eu
. "$(dirname -- "$0")/environment.sh"

track=${1:?usage: scripts/bench-track.sh DIRECTORY-OF-AN-IMPORTED-PYTHON-TRACK}
scripts/build.sh

now() { date +%s.%N; }
began=$(now)
carrel course check --build "$track"
judged=$(now)

passed=0
for challenge in "$track"/*/; do
    [ -d "$challenge/solution" ] && [ -d "$challenge/tests" ] || continue
    place=$(mktemp -d)
    cp -R "$challenge/solution/." "$challenge/tests/." "$place"
    [ ! -d "$challenge/supplied" ] || cp -R "$challenge/supplied/." "$place"
    if (cd "$place" && python3 -m pytest -q -p no:cacheprovider >/dev/null 2>&1); then
        passed=$((passed + 1))
    fi
    rm -rf "$place"
done
ended=$(now)
echo "$began $judged $ended $passed" | awk '{
    printf "judged: %.1f s; bare pytest of the solutions, one after another: %.1f s (%d passed)\n", $2-$1, $3-$2, $4
}'
