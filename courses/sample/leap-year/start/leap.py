def is_leap_year(year):
    """Say whether `year` has 366 days."""
