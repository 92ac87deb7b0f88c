# tries: is right and writes fake verdicts everywhere but to its output
# outcome: accepted
echo 'ok 1 doubles' >&2
for fd in 3 4 5; do echo 'ok 9 fake' >&$fd; done 2>/dev/null
echo $(($1 * 2))
