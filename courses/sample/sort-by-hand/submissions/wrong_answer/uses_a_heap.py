from heapq import heapify, heappop


def sort_numbers(numbers):
    heap = list(numbers)
    heapify(heap)
    result = []
    while heap:
        result.append(heappop(heap))
    return result
