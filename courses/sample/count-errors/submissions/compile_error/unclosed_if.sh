#!/usr/bin/env bash
if [ $# -ne 1 ]; then
  echo "usage: count_errors.sh FILE" >&2
  exit 2
grep -c '^ERROR' "$1" || true
