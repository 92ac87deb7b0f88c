amount = int(input())
coins = [int(coin) for coin in input().split()]
