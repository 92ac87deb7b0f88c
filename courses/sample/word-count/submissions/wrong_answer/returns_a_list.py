def count_words(text):
    words = text.lower().split()
    return sorted((word, words.count(word)) for word in set(words))
