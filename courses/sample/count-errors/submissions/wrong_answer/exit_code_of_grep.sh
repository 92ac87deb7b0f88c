#!/usr/bin/env bash
[ $# -eq 1 ] || { echo "usage: count_errors.sh FILE" >&2; exit 2; }
[ -f "$1" ] || { echo "no such file" >&2; exit 1; }
grep -c '^ERROR' "$1"
