print('{"status": "fail"}')


def is_leap_year(year):
    print("looking at", year)
    print("FAILED (failures=1)")
    return year % 400 == 0 if year % 100 == 0 else year % 4 == 0
