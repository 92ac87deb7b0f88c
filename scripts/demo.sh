#!/bin/sh
# Builds everything a first look needs, then judges a wrong and a right submission.
set -eu
. "$(dirname -- "$0")/environment.sh"

scripts/build.sh

say "what this host can do: carrel doctor"
carrel doctor || echo "(some layers are missing; the judging below says whether they are needed)"

say "building the environment: carrel env build python"
carrel env build python

challenge=courses/sample/leap-year
wrong=$challenge/submissions/wrong_answer/no_centuries.py

say "a wrong submission: carrel check $challenge $wrong"
code=0
carrel check "$challenge" "$wrong" || code=$?
[ "$code" = 1 ] || {
    echo "error: expected exit code 1 (rejected), got $code" >&2
    exit 1
}

right=$challenge/submissions/accepted/one_expression.py
say "a right submission: carrel check $challenge $right"
carrel check "$challenge" "$right"

say "ready: ./carrel --help; next: README.md"
