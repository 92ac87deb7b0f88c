def is_leap_year(year):
    while year != 0:
        year = abs(year - 4) + 1
    return True
