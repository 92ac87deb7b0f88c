#!/bin/sh
# Real client libraries of Piston and Judge0, from their registries, against a running service.
#
# usage: e2e/dialect/run.sh URL TOKEN
#   URL    such as http://127.0.0.1:8080; its worker runs at least Python and C
#   TOKEN  an API token with the scope `execute`
#
# The libraries are installed into a temporary directory. What cannot be installed here
# (no Python, no Node.js, no registry) is skipped by name; REQUIRE=clients makes that a failure.
set -eu
url=${1:?usage: e2e/dialect/run.sh URL TOKEN}
token=${2:?usage: e2e/dialect/run.sh URL TOKEN}
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
failed=0

skip() {
    echo "SKIP $1"
    [ "${REQUIRE:-}" != clients ] || failed=1
}

# Runs one client; its program says what it saw and ends with 0 when all was right.
try() {
    name=$1
    shift
    if "$@"; then
        echo "ok   $name"
    else
        echo "FAIL $name"
        failed=1
    fi
}

if python3 -m venv "$place/venv" >"$place/log" 2>&1; then
    for client in judge0==0.0.8 judge0api==0.1.20 aiopyston==1.2.1 piston_rspy==0.4.3; do
        program=$here/$(echo "${client%%==*}" | tr - _).py
        if "$place/venv/bin/pip" install --quiet --disable-pip-version-check "$client" >"$place/log" 2>&1; then
            try "$client" "$place/venv/bin/python" "$program" "$url" "$token"
        else
            skip "$client: $(tail -n 1 "$place/log")"
        fi
    done
else
    skip "clients in Python: $(tail -n 1 "$place/log")"
fi

mkdir "$place/node"
if command -v npm >/dev/null; then
    for client in piston-api-client@2.0.1 ws@8.18.0; do
        program=$here/$(echo "${client%%@*}" | tr - _).cjs
        if (cd "$place/node" && npm install --silent --no-audit --no-fund --ignore-scripts "$client") >"$place/log" 2>&1; then
            try "$client" env NODE_PATH="$place/node/node_modules" node "$program" "$url" "$token"
        else
            skip "$client: $(tail -n 1 "$place/log")"
        fi
    done
else
    skip "clients in JavaScript: there is no npm"
fi
exit "$failed"
