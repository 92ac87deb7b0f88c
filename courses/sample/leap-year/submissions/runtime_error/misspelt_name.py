def is_leap_year(year):
    return yeer % 4 == 0
