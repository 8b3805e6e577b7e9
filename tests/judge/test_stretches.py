import random

from voicemon.judge.stretches import Stretches
from voicemon.records import Span


def some(rng: random.Random, ordered: bool) -> list[Span]:
    """Stretches of up to three minutes, some of them across many others."""
    begins = [rng.uniform(0, 1000) for _ in range(60)]
    return [Span(s, s + rng.choice((0.0, 1.0, 180.0))) for s in (sorted(begins) if ordered else begins)]


def test_all_that_touch_a_time_are_found_in_their_order():
    rng = random.Random(1)
    for ordered in (True, False):
        for _ in range(200):
            spans, from_s = some(rng, ordered), rng.uniform(-100, 1100)
            to_s = from_s + rng.choice((0.0, 2.0, 300.0, 1e9))
            wanted = [s for s in spans if s.end_s >= from_s and s.start_s <= to_s]
            near = list(Stretches(spans).near(from_s, to_s))
            assert [s for s in near if s in wanted] == wanted
            assert list(Stretches(spans).last_near(from_s, to_s)) == near[::-1]


def test_few_others_are_among_them_where_the_order_is_that_of_time():
    spans = Stretches([Span(float(i), i + 0.5) for i in range(10_000)])
    assert [s.start_s for s in spans.near(5000.0, 5002.0)] == [5000.0, 5001.0, 5002.0]
    assert len(list(spans.near())) == len(list(spans)) == 10_000


def test_nothing_is_near_where_there_is_nothing():
    assert list(Stretches([]).near(0.0, 1.0)) == [] == list(Stretches([Span(1.0, 2.0)]).near(5.0, 4.0))
