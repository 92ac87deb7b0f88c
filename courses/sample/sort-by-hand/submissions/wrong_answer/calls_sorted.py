def sort_numbers(numbers):
    for _ in [1]:
        return sorted(numbers)
