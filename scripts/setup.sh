#!/bin/sh
# Installs what is missing for `build`, `test` or `bench` on Debian. Does nothing where all is there.
set -eu
. "$(dirname -- "$0")/environment.sh"

purpose=${1:-build}
rust_least=1.90

# command:package
wanted="cc:build-essential make:build-essential git:git curl:curl pkg-config:pkg-config"
# What the pages' scripts and styles are built with (scripts/web-ui.sh).
wanted="$wanted node:nodejs npm:npm"
# The runtimes of the tests that run on the host's own /usr; judging needs none of them.
runtimes="python3:python3 ruby:ruby lua5.4:lua5.4 busted:lua-busted bats:bats"
case $purpose in
    build) ;;
    # The pages are tested in a real browser (scripts/test-pages.sh).
    test) wanted="$wanted $runtimes chromium:chromium" ;;
    bench) wanted="$wanted python3:python3 bwrap:bubblewrap runc:runc chromium:chromium" ;;
    *)
        echo "usage: scripts/setup.sh build|test|bench" >&2
        exit 2
        ;;
esac

missing=
for pair in $wanted; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
# The cheats against JUnit tests need its jars, which no command tells of.
if [ "$purpose" = test ] && [ ! -e /usr/share/java/junit-platform-launcher.jar ]; then
    missing="$missing junit4 junit5"
fi
# The image store hashes with OpenSSL.
pkg-config --exists openssl 2>/dev/null || missing="$missing libssl-dev"
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "error: these are missing, and this is no Debian:$missing" >&2
        exit 1
    fi
    say "installing:$missing"
    # shellcheck disable=SC2086 # one word per package
    {
        $sudo apt-get update -qq
        $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq -y --no-install-recommends $missing
    }
fi

# Whether version $1 is at least $2.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

rust_found=$(cargo --version 2>/dev/null | cut -d ' ' -f 2 || true)
if [ -z "$rust_found" ] || ! at_least "$rust_found" "$rust_least"; then
    say "installing Rust (found: ${rust_found:-none}, needed: $rust_least or newer)"
    if command -v rustup >/dev/null 2>&1; then
        rustup toolchain install stable --profile minimal
        rustup default stable
    else
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y --profile minimal --default-toolchain stable
    fi
fi

if [ "$purpose" = test ]; then
    for component in rustfmt clippy; do
        cargo "$(echo "$component" | sed s/rustfmt/fmt/)" --version >/dev/null 2>&1 ||
            rustup component add "$component"
    done
fi
