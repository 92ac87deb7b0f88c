print(500, flush=True)
answer = input()
