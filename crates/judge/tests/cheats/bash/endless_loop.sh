# tries: never comes back
# outcome: time_limit_case
while :; do :; done
