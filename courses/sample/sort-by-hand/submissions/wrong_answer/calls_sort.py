def sort_numbers(numbers):
    result = []
    for number in numbers:
        result.append(number)
    result.sort()
    return result
