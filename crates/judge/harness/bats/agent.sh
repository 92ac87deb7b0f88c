#!/bin/bash
# Sandbox B: the learner's files. Answers requests until the tests are over. It has no secrets: whatever the
# learner's program does to it can only change what the program itself answers.
exec 198<&0 199>&1 </dev/null >/dev/null
BASE=$(mktemp -d /tmp/answers.XXXXXX)
while IFS=' ' read -r -a words <&198; do
  [ "${words[0]}" = run ] || break
  cd "$(printf %s "${words[1]}" | base64 -d)" 2>/dev/null || cd /work
  [ "${words[3]}" = - ] || printf %s "${words[3]}" | base64 -d | tar -x --no-same-owner -C /work -f - 2>/dev/null
  arguments=()
  for word in "${words[@]:4}"; do
    arguments+=("$(printf %s "${word#=}" | base64 -d; printf x)")
    arguments[-1]=${arguments[-1]%x}
  done
  touch "$BASE/before"
  if [ "${words[2]}" = - ]; then : >"$BASE/in"; else printf %s "${words[2]}" | base64 -d >"$BASE/in"; fi
  "${arguments[@]}" <"$BASE/in" >"$BASE/out" 2>"$BASE/errors" 198<&- 199>&-
  code=$?
  out=$(base64 -w0 <"$BASE/out")
  errors=$(base64 -w0 <"$BASE/errors")
  made=$(cd /work && find . -path ./.carrel -prune -o -type f -newer "$BASE/before" -size -1024k -print0 |
    tar -c --null -T - --no-recursion -f - 2>/dev/null | base64 -w0)
  # An archive without members is only zeros.
  case $made in *[!A=]*) ;; *) made=- ;; esac
  head -c 65536 "$BASE/errors" >&2
  printf '%s %s %s %s\n' "$code" "${out:--}" "${errors:--}" "${made:--}" >&199
done
