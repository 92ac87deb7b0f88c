def sort_numbers(numbers):
    rest = set(numbers)
    result = []
    while rest:
        smallest = min(rest)
        result.append(smallest)
        rest.remove(smallest)
    return result
