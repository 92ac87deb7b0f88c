def count_words(text):
    words = text.split()
    return {word: words.count(word) for word in set(words)}
