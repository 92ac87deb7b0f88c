def sort_numbers(numbers):
    """Return a new list with the numbers, smallest first."""
    result = []
    for number in numbers:
        place = len(result)
        while place > 0 and result[place - 1] > number:
            place -= 1
        result.insert(place, number)
    return result
