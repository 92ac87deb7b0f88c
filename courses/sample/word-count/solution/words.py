import re


def count_words(text):
    """Return a dictionary from each word to how often it occurs."""
    counts = {}
    for word in re.findall(r"\w+(?:'\w+)*", text.lower()):
        counts[word] = counts.get(word, 0) + 1
    return counts
