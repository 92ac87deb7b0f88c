amount = int(input())
coins = [int(coin) for coin in input().split()]

before = {0: None}
open_amounts = [0]
for reached in open_amounts:
    for coin in coins:
        following = reached + coin
        if following <= amount and following not in before:
            before[following] = coin
            open_amounts.append(following)

if amount not in before:
    print("impossible")
while amount in before and amount > 0:
    print(before[amount])
    amount -= before[amount]
