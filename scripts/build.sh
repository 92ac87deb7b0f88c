#!/bin/sh
# Builds the release binary and links it as ./carrel.
set -eu
. "$(dirname -- "$0")/environment.sh"

say "building carrel (release)"
cargo build --release --locked --package carrel
ln -sfn "$target/release/carrel" "$root/carrel"
echo "built: ./carrel -> $target/release/carrel"
