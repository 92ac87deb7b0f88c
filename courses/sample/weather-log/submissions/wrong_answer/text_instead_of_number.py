def parse_line(line):
    date, temperature = line.split(",")
    return date.strip(), temperature.strip()
