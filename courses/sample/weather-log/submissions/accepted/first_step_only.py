def parse_line(line):
    parts = line.split(",")
    return parts[0].strip(), float(parts[1])
