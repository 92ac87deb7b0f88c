def parse_line(line):
    """Return the date and the temperature of one line."""
