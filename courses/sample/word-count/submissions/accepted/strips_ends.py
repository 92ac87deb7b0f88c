from collections import Counter


def count_words(text):
    words = (word.strip(".,;:!?\"'()-") for word in text.lower().split())
    return dict(Counter(word for word in words if word))
