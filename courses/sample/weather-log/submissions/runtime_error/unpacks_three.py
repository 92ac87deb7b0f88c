def parse_line(line):
    date, temperature, unit = line.split(",")
    return date.strip(), float(temperature)
