def parse_line(line):
    """Return the date and the temperature of one line."""
    date, temperature = line.split(",")
    return date.strip(), float(temperature)


def warmest(lines):
    """Return the date of the warmest day, the first of several; None without any day."""
