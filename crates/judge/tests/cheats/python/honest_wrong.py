# tries: is wrong, honestly
# outcome: wrong_answer
def double(x):
    return 0
