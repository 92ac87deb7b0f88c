amount = int(input())
coins = [int(coin) for coin in input().split()]

# last[n] is a coin with which n can be reached from an amount that can be paid.
last = [None] * (amount + 1)
last[0] = 0
for reached in range(1, amount + 1):
    for coin in coins:
        if coin <= reached and last[reached - coin] is not None:
            last[reached] = coin
            break

if last[amount] is None:
    print("impossible")
else:
    paid = []
    while amount > 0:
        paid.append(last[amount])
        amount -= last[amount]
    print(*paid)
