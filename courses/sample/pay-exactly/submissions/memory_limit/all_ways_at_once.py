amount = int(input())
coins = [int(coin) for coin in input().split()]

ways = [[]]
while True:
    ways = [way + [coin] for way in ways for coin in coins] + ways
