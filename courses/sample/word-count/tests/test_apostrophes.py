from words import count_words


def test_apostrophe_inside():
    assert count_words("don't, don't do it") == {"don't": 2, "do": 1, "it": 1}


def test_quotes_around():
    assert count_words("he wrote 'large' and large") == {"he": 1, "wrote": 1, "large": 2, "and": 1}
