#!/bin/sh
# The benchmarks: ratios in one run. Results are printed and left in bench/out/.
set -eu
. "$(dirname -- "$0")/environment.sh"

scripts/setup.sh bench
say "building the benchmarks (release)"
cargo build --release --locked --package carrel-bench --package carrel
say "measuring"
mkdir -p bench/out
# Without arguments everything is measured; `--quick` shortens each.
case ${1:-} in
    sandbox | kill | cost | store | service | crash | growth) set -- "$*" ;;
    *) set -- "sandbox $*" "kill $*" "cost $*" "store $*" "service $*" "crash --quick $*" "growth --quick $*" ;;
esac
for measurement in "$@"; do
    # shellcheck disable=SC2086 # words of a measurement
    $sudo "$target/release/carrel-bench" $measurement
done | tee bench/out/latest.txt
