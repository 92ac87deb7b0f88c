def sort_numbers(numbers):
    for end in range(len(numbers), 1, -1):
        for i in range(end - 1):
            if numbers[i] > numbers[i + 1]:
                numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
    return numbers
