#!/bin/sh
# Builds the scripts and styles of the pages (web-ui/) into web-ui/dist, unless what is there was
# made of the same sources. crates/web/build.rs runs this by itself; nothing else needs to.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root/web-ui"

for program in node npm; do
    command -v "$program" >/dev/null 2>&1 || {
        echo "error: $program is missing, which builds the pages' scripts; run: make setup" >&2
        exit 1
    }
done

# One build at a time: cargo may start two for two profiles.
exec 9>.lock
flock 9

hash_of() { # of names and contents of files
    find "$@" -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d ' ' -f 1
}

packages=$(hash_of package.json package-lock.json)
if [ "$(cat node_modules/.made-of 2>/dev/null || true)" != "$packages" ]; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    echo "$packages" >node_modules/.made-of
fi

sources=$(hash_of src build.mjs tsconfig.json package.json package-lock.json)
if [ "$(cat dist/.made-of 2>/dev/null || true)" != "$sources" ]; then
    npx --no-install tsc --noEmit
    node build.mjs
    echo "$sources" >dist/.made-of
fi
