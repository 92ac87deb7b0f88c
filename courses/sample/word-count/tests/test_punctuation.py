import pytest

from words import count_words


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Stop! Stop.", {"stop": 2}),
        ("red, green; blue: red?", {"red": 2, "green": 1, "blue": 1}),
        ('She said "now" (now)', {"she": 1, "said": 1, "now": 2}),
        ("... --- ...", {}),
    ],
)
def test_punctuation_is_no_part_of_a_word(text, expected):
    assert count_words(text) == expected
