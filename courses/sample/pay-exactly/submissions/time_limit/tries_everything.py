import sys

sys.setrecursionlimit(100_000)
amount = int(input())
coins = [int(coin) for coin in input().split()]
paid = []


def pay(rest):
    if rest == 0:
        return True
    for coin in coins:
        if coin <= rest:
            paid.append(coin)
            if pay(rest - coin):
                return True
            paid.pop()
    return False


print(*paid if pay(amount) else ["impossible"])
