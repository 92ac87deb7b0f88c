def parse_line(line):
    date, temperature = line.split(",")
    return date.strip(), float(temperature.replace("-", ""))


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


def means_by_month(lines):
    """Return a dictionary from month to mean temperature."""
    months = {}
    for line in lines:
        date, temperature = parse_line(line)
        months.setdefault(date[:7], []).append(temperature)
    return {month: sum(values) / len(values) for month, values in months.items()}
