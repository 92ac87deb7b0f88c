#!/bin/sh
# The benchmarks: ratios in one run. Results are printed and left in bench/out/.
set -eu
. "$(dirname -- "$0")/environment.sh"

scripts/setup.sh bench
say "building the benchmarks (release)"
cargo build --release --locked --package carrel-bench
say "measuring"
mkdir -p bench/out
$sudo "$target/release/carrel-bench" "$@" | tee bench/out/latest.txt
