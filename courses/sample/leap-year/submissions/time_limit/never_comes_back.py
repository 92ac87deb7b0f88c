def is_leap_year(year):
    while year != 0:
        year -= 4
        if year == 0:
            return True
    return False
