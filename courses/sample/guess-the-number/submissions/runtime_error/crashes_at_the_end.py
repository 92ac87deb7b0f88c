low, high = 1, 1000
while True:
    guess = (low + high) // 2
    print(guess, flush=True)
    answer = input()
    if answer == "higher":
        low = guess + 1
    elif answer == "lower":
        high = guess - 1
    else:
        raise ValueError("did not expect to be correct")
