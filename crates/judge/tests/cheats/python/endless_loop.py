# tries: never comes back
# outcome: time_limit
def double(x):
    while True:
        pass
