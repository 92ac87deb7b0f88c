def parse_line(line):
    """Return the date and the temperature of one line."""
    date, temperature = line.split(",")
    return date.strip(), float(temperature)
