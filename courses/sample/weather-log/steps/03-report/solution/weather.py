def parse_line(line):
    """Return the date and the temperature of one line."""
    date, temperature = line.split(",")
    return date.strip(), float(temperature)


def warmest(lines):
    """Return the date of the warmest day, the first of several; None without any day."""
    best_date, best = None, None
    for line in lines:
        date, temperature = parse_line(line)
        if best is None or temperature > best:
            best_date, best = date, temperature
    return best_date


def report(lines):
    """Return the number of days, the mean temperature and the warmest day as text."""
    if not lines:
        return "days: 0\n"
    temperatures = [parse_line(line)[1] for line in lines]
    mean = sum(temperatures) / len(temperatures)
    return f"days: {len(lines)}\nmean: {mean:.1f}\nwarmest: {warmest(lines)}\n"
