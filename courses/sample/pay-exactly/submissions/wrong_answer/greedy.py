amount = int(input())
coins = [int(coin) for coin in input().split()]

paid = []
for coin in reversed(coins):
    while coin <= amount:
        paid.append(coin)
        amount -= coin
print(*paid if amount == 0 else ["impossible"])
