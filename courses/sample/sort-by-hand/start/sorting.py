def sort_numbers(numbers):
    """Return a new list with the numbers, smallest first."""
    result = list(numbers)
    return result
