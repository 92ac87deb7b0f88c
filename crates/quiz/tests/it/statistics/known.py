"""Figures of a generated set of attempts, computed apart from Carrel: with fractions, from the
formulas of Moodle's statistics report (question/classes/statistics/questions/calculator.php and
mod/quiz/report/statistics/classes/calculator.php). Prints what known.json holds:

    python3 known.py > known.json
"""

import json
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60

# 8 questions of their own, then 2 of a pool of 5 and 2 of a pool of 3: 12 positions.
OWN = [1, 2, 3, 1, 4, 2, 1, 5]
POOLS = [("few", 2, 3, 5), ("more", 2, 2, 3)]  # id, drawn, points, questions
ATTEMPTS = 200
LEARNERS = 160


class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def generate():
    random = Random(2026)
    numbers = {}
    attempts = []
    for index in range(ATTEMPTS):
        learner = index if index < LEARNERS else random.below(LEARNERS)
        numbers[learner] = numbers.get(learner, 0) + 1
        ability = random.below(8)
        rows = []
        for number, points in enumerate(OWN):
            rows.append((f"q{number}", f"q{number}", points))
        for pool, drawn, points, questions in POOLS:
            left = list(range(questions))
            for place in range(1, drawn + 1):
                one = left.pop(random.below(len(left)))
                rows.append((f"{pool}{one}", f"{pool}/{place}", points))
        marks = []
        for question, position, points in rows:
            throw = random.below(12)
            if throw == 0:
                mark = None  # not answered
            elif throw == 1:
                mark = Fraction(-points, 4)  # points taken away
            else:
                quarters = (ability + throw - 3) // 2
                mark = Fraction(points * max(0, min(4, quarters)), 4)
            marks.append((question, position, points, mark))
        attempts.append((learner, numbers[learner], marks))
    return attempts


def total(attempt):
    return sum((mark or 0 for *_, mark in attempt[2]), Fraction(0))


def select(attempts, which):
    if which == "all":
        return attempts
    kept = {}
    for attempt in attempts:
        learner, number, _ = attempt
        other = kept.get(learner)
        better = other is None or {
            "first": lambda: number < other[1],
            "last": lambda: number > other[1],
            "highest": lambda: (total(attempt), -number) > (total(other), -other[1]),
        }[which]()
        if better:
            kept[learner] = attempt
    return list(kept.values())


def root(value):
    return (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()


def decimal(value):
    return Decimal(value.numerator) / Decimal(value.denominator)


def told(value):
    return None if value is None else float(value if isinstance(value, Decimal) else decimal(value))


def mean(values):
    return sum(values, Fraction(0)) / len(values)


def covariance(left, right):
    a, b = mean(left), mean(right)
    return sum((x - a) * (y - b) for x, y in zip(left, right)) / (len(left) - 1)


def position(marks, others, wholes, points):
    variance = covariance(marks, marks)
    rest = covariance(others, others)
    together = covariance(marks, others)
    most = covariance(sorted(marks), sorted(others))
    with_whole = covariance(marks, wholes)
    return {
        "attempts": len(marks),
        "facility": told(mean(marks) / points),
        "standard_deviation": told(root(variance)),
        "discrimination_index": told(100 * decimal(together) / root(variance * rest)),
        "discriminative_efficiency": told(100 * together / most),
        "variance": variance,
        "root": root(with_whole) if with_whole >= 0 else None,
    }


def figures(attempts):
    totals = [total(attempt) for attempt in attempts]
    by_position, by_drawn = {}, {}
    for attempt, whole in zip(attempts, totals):
        for question, place, points, mark in attempt[2]:
            mark = mark or Fraction(0)
            by_position.setdefault(place, []).append((mark, whole - mark, whole, points))
            if question != place:
                # Of questions that are drawn, the whole stands for the rest.
                by_drawn.setdefault(question, []).append((mark, whole, whole, points))
    rows = lambda many: {
        name: position([m for m, *_ in one], [o for _, o, *_ in one], [w for *_, w, _ in one], one[0][3])
        for name, one in many.items()
    }
    positions, drawn = rows(by_position), rows(by_drawn)
    weights = sum(one["root"] or 0 for one in positions.values())
    worth = sum(one[0][3] for one in by_position.values())
    for name, one in positions.items():
        one["effective_weight"] = None if one["root"] is None else told(100 * one["root"] / weights)
        one["intended_weight"] = told(Fraction(100 * by_position[name][0][3], worth))
    s, p = len(totals), len(positions)
    average = mean(totals)
    m2, m3, m4 = (sum((x - average) ** power for x in totals) / s for power in (2, 3, 4))
    k2 = s * m2 / (s - 1)
    k3 = s * s * m3 / ((s - 1) * (s - 2))
    k4 = s * s * ((s + 1) * m4 - 3 * (s - 1) * m2 * m2) / ((s - 1) * (s - 2) * (s - 3))
    consistency = Fraction(100 * p, p - 1) * (1 - sum(one["variance"] for one in positions.values()) / k2)
    ratio = 100 * root(1 - consistency / 100)
    ordered = sorted(totals)
    for one in [*positions.values(), *drawn.values()]:
        del one["variance"], one["root"]
    return {
        "attempts": s,
        "mean": told(average),
        "median": told((ordered[(s - 1) // 2] + ordered[s // 2]) / 2),
        "standard_deviation": told(root(k2)),
        "skewness": told(decimal(k3) / root(k2**3)),
        "kurtosis": told(k4 / k2**2),
        "internal_consistency": told(consistency),
        "error_ratio": told(ratio),
        "standard_error": told(ratio * root(k2) / 100),
        "positions": positions,
        "drawn": drawn,
    }


if __name__ == "__main__":
    attempts = generate()
    kinds = ["all", "first", "last", "highest"]
    print(json.dumps({kind: figures(select(attempts, kind)) for kind in kinds}, indent=1, sort_keys=True))
