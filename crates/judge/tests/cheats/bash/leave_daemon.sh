# tries: leaves a process behind that keeps its output open
# outcome: wrong_answer
(sleep 100 &) 
echo 0
