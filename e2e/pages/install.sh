#!/bin/sh
# What drives the browser, once for what the lock file says (the browser itself is Debian's).
set -eu
cd "$(dirname -- "$0")"
made_of=$(cat package.json package-lock.json | sha256sum | cut -d ' ' -f 1)
if [ "$(cat node_modules/.made-of 2>/dev/null || true)" != "$made_of" ]; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    echo "$made_of" >node_modules/.made-of
fi
