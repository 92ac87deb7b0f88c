def sort_numbers(numbers):
    result = list(numbers)
    for _ in result:
        for i in range(len(result)):
            if result[i] > result[i + 1]:
                result[i], result[i + 1] = result[i + 1], result[i]
    return result
