"""The same for what only pytest has."""

import random

import pytest

import shape
from shape import Stack, StackError, add, greet, roll


@pytest.mark.parametrize("a,b,total", [(1, 2, 3), ("a", "b", "ab"), ([1], [2], [1, 2])])
def test_add(a, b, total):
    assert add(a, b) == total


def test_raises():
    with pytest.raises(StackError, match="stack is full") as caught:
        Stack([1, 2, 3]).push(4)
    assert caught.value.item == 4


def test_approx():
    assert add(0.1, 0.2) == pytest.approx(0.3)


def test_monkeypatch(monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda prompt="": "Al")
    greet()
    monkeypatch.setattr(random, "randint", lambda low, high: 17)
    assert roll() == 17
    monkeypatch.undo()
    monkeypatch.setattr("random.randint", lambda low, high: 18)
    assert roll() == 18
    monkeypatch.undo()
    monkeypatch.setattr(shape, "add", lambda a, b: 0)
    assert shape.add(1, 2) == 0
    monkeypatch.undo()
    assert shape.add(1, 2) == 3 and roll() in range(1, 7)


@pytest.fixture
def stack():
    return Stack([7])


def test_fixture(stack):
    assert stack.top == 7 and len(stack) == 1


@pytest.mark.xfail(strict=True)
def test_expected_failure():
    assert add(1, 1) == 3
