amount = int(input())
coins = [int(coin) for coin in input().split()]
print("The coins are:", *[coins[0]] * (amount // coins[0]))
