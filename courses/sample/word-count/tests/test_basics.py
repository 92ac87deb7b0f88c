import pytest

from words import count_words


def test_no_words():
    assert count_words("") == {}


def test_one_word():
    assert count_words("word") == {"word": 1}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("one two one", {"one": 2, "two": 1}),
        ("a  b\tc\n a", {"a": 2, "b": 1, "c": 1}),
        ("The the THE", {"the": 3}),
        ("1 and 1 is 2", {"1": 2, "and": 1, "is": 1, "2": 1}),
    ],
)
def test_several_words(text, expected):
    assert count_words(text) == expected


def test_a_long_text():
    assert count_words("left right " * 5_000) == {"left": 5_000, "right": 5_000}
