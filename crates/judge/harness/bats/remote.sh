#!/bin/bash
# Runs a command with the learner's files in the other sandbox: same arguments, standard input, working
# directory and files that the test made. Gives back output, errors, exit code and files.
cd -P . || exit 125
input=$(/usr/bin/base64 -w0)
made=$(cd "$CARREL_WORK" && /usr/bin/find . -path ./.carrel -prune -o -type f -newer /tmp/.carrel-started -size -1024k -print0 |
  /usr/bin/tar -c --null -T - --no-recursion -f - 2>/dev/null | /usr/bin/base64 -w0)
request="run $(printf %s "$PWD" | /usr/bin/base64 -w0) ${input:--} ${made:--}"
for word in "$@"; do
  word=$(printf %s "$word" | /usr/bin/base64 -w0)
  request+=" =$word"
done
printf '%s\n' "$request" >&199 2>/dev/null || { echo 'the program could not be run: it was stopped before' >&2; exit 125; }
IFS=' ' read -r code out errors made <&198 || { echo 'the program was stopped' >&2; exit 125; }
if [ "${made:--}" != - ]; then
  # What comes may be anything: only regular files are taken from it, and none into the directory of the harness,
  # whose programs the tests call.
  came=$(/usr/bin/mktemp -d /tmp/made.XXXXXX)
  printf %s "$made" | /usr/bin/base64 -d | /usr/bin/tar -x --no-same-owner --no-same-permissions -C "$came" -f - 2>/dev/null
  (cd "$came" && /usr/bin/find . -path ./.carrel -prune -o -type f -print0 | /usr/bin/tar -c --null -T - --no-recursion -f -) 2>/dev/null |
    /usr/bin/tar -x --no-same-owner --no-same-permissions --keep-newer-files -C "$CARREL_WORK" -f - 2>/dev/null
  /usr/bin/rm -rf "$came"
fi
[ "${errors:--}" = - ] || printf %s "$errors" | /usr/bin/base64 -d >&2
[ "${out:--}" = - ] || printf %s "$out" | /usr/bin/base64 -d
exit "$code"
