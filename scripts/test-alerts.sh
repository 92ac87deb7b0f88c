#!/bin/sh
# The alert rules against their series, with Prometheus' own promtool: the installed one, else
# that of Debian's package, unpacked below target/ (installing it would start a server).
set -eu
. "$(dirname -- "$0")/environment.sh"

promtool=$(command -v promtool || true)
kept=$target/tools/promtool
if [ -z "$promtool" ] && [ ! -x "$kept" ] && command -v apt-get >/dev/null 2>&1; then
    say "fetching promtool (Debian's package prometheus)"
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    fetch() {
        (cd "$scratch" && apt-get -qq download prometheus && dpkg-deb -x prometheus_*.deb .)
    }
    # The second time with fresh lists of packages.
    if fetch || { $sudo apt-get update -qq && fetch; }; then
        mkdir -p "$target/tools"
        install -m 755 "$scratch/usr/bin/promtool" "$kept"
    fi
fi
[ -n "$promtool" ] || promtool=$kept
if [ ! -x "$promtool" ]; then
    echo "SKIP alert rules: promtool is not there and could not be fetched (Debian: prometheus)"
    [ -z "${CARREL_REQUIRE:-}" ] || exit 1
    exit 0
fi
"$promtool" check rules packaging/prometheus/carrel.rules.yml
"$promtool" test rules packaging/prometheus/carrel.rules.test.yml
