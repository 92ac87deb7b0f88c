# Sorting by swapping neighbours; the words sorted(...) and .sort() in a comment are no call.
def sort_numbers(numbers):
    result = list(numbers)
    swapped = True
    while swapped:
        swapped = False
        for i in range(len(result) - 1):
            if result[i] > result[i + 1]:
                result[i], result[i + 1] = result[i + 1], result[i]
                swapped = True
    return result
