# tries: kills what started it
# outcome: wrong_answer
kill -9 $PPID
sleep 1
