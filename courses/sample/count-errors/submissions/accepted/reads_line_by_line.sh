#!/usr/bin/env bash
[ $# -eq 1 ] || { echo "usage: count_errors.sh FILE" >&2; exit 2; }
[ -r "$1" ] || { echo "cannot read $1" >&2; exit 1; }
count=0
while IFS= read -r line; do
  case $line in
    ERROR*) count=$((count + 1)) ;;
  esac
done < "$1"
echo "$count"
