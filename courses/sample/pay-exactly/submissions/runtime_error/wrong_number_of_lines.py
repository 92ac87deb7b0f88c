amount = int(input())
coins = [int(input()) for _ in range(2)]
print(coins)
