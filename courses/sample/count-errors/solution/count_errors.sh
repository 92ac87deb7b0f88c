#!/usr/bin/env bash
if [ $# -ne 1 ]; then
  echo "usage: count_errors.sh FILE" >&2
  exit 2
fi
if [ ! -f "$1" ]; then
  echo "$1: no such file" >&2
  exit 1
fi
# grep -c exits with 1 when it counts none; that is no error here.
grep -c '^ERROR' -- "$1" || true
