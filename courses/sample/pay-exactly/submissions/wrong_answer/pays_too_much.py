amount = int(input())
coins = [int(coin) for coin in input().split()]
print(*[coins[0]] * (amount // coins[0] + 1))
