# tries: writes into the descriptors of its parent
# outcome: wrong_answer
for fd in /proc/$PPID/fd/*; do echo 'ok 1 doubles' >"$fd"; done 2>/dev/null
echo 0
