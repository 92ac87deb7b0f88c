"""Called as: partner.py input answer feedback_directory; talks over standard input and output."""

import os
import sys

ACCEPT, REJECT = 42, 43
GUESSES_MAX = 10


def reject(message):
    with open(os.path.join(sys.argv[3], "teammessage.txt"), "w") as file:
        print(message, file=file)
    sys.exit(REJECT)


def say(word):
    try:
        print(word, flush=True)
    except BrokenPipeError:
        # The learner's program is gone; the next read tells so.
        sys.stdout = open(os.devnull, "w")


def main():
    with open(sys.argv[1]) as file:
        secret = int(file.read())
    for _ in range(GUESSES_MAX):
        line = sys.stdin.readline(1_000)
        if line == "":
            reject("Your program ended before it found the number.")
        guess = line.strip()
        if not (guess.isascii() and guess.isdigit() and 1 <= int(guess[:9]) <= 1000):
            reject(f"{guess[:20]!r} is no number from 1 to 1000.")
        if int(guess) == secret:
            say("correct")
            if sys.stdin.readline(1_000).strip():
                reject("Your program went on guessing after the answer was correct.")
            sys.exit(ACCEPT)
        say("higher" if int(guess) < secret else "lower")
    reject(f"Your program needed more than {GUESSES_MAX} guesses.")


main()
