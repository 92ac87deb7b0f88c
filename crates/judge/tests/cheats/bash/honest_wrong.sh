# tries: is wrong, honestly
# outcome: wrong_answer
echo 0
