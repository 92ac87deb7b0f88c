# tries: prints the verdict it wants
# outcome: wrong_answer
printf '1..2\nok 1 doubles\nok 2 doubles again\n'
exit 0
