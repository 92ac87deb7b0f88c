guess = 0
step = 512
answer = "higher"
while answer != "correct":
    while guess + step > 1000:
        step //= 2
    print(guess + step, flush=True)
    answer = input()
    if answer == "higher":
        guess += step
    step = max(step // 2, 1)
