"""Called as: payment.py input answer feedback_directory < output."""

import os
import sys

ACCEPT, REJECT = 42, 43


def reject(message):
    with open(os.path.join(sys.argv[3], "teammessage.txt"), "w") as file:
        print(message, file=file)
    sys.exit(REJECT)


def main():
    with open(sys.argv[1]) as file:
        amount = int(file.readline())
        coins = {int(coin) for coin in file.readline().split()}
    with open(sys.argv[2]) as file:
        possible = file.read().split() != ["impossible"]

    words = sys.stdin.read().split()
    if not words:
        reject("Your program printed nothing.")
    if words == ["impossible"]:
        if possible:
            reject(f"You say that {amount} cannot be paid, but it can.")
        sys.exit(ACCEPT)

    total = 0
    for word in words[:100_000]:
        if not (word.isascii() and word.isdigit() and len(word) < 10):
            reject(f"{word[:20]!r} is neither a coin nor the word impossible.")
        if int(word) not in coins:
            reject(f"There is no coin of {word}.")
        total += int(word)
    if total != amount:
        reject(f"Your coins are {total} together, not {amount}.")
    sys.exit(ACCEPT)


main()
