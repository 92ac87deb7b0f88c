# tries: kills every process it can see
# outcome: wrong_answer
kill -9 -1
echo 0
