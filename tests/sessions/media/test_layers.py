"""What fits down a line: large pictures first get small, then the least important ones go."""

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.layers import AT_LEAST_KBPS, Budget, Offer, needed, share_out

LARGE, SMALL = Offer((150, 500, 1_500), large=True), Offer((150, 500, 1_500))


def test_a_good_line_gets_the_large_picture_large_and_the_others_small():
    assert share_out(None, [LARGE, SMALL, SMALL]) == [2, 0, 0]
    assert needed([LARGE, SMALL, SMALL]) == 1_800
    assert share_out(1_800, [LARGE, SMALL, SMALL]) == [2, 0, 0]


def test_a_full_line_takes_size_first_and_the_least_important_pictures_then():
    pictures = [LARGE, SMALL, SMALL]
    budgets = (1_799, 800, 799, 450, 449, 299, 149)
    assert [share_out(budget, pictures) for budget in budgets] == [
        [1, 0, 0],
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, None],
        [0, None, None],
        [None, None, None],
    ]


def test_only_layers_that_flow_are_chosen():
    assert share_out(None, [Offer((150, 500, 0), large=True)]) == [1]
    assert share_out(None, [Offer((0, 500, 1_500))]) == [1]
    assert share_out(400, [Offer((0, 500, 0), large=True)]) == [None]
    # One that has just begun has no rate yet.
    assert share_out(0, [Offer((0,)), Offer((0, 0, 0), large=True)]) == [0, 0]


offers = st.lists(
    st.builds(
        Offer, st.lists(st.integers(0, 3_000), min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    max_size=9,
)


@given(budget=st.floats(0, 20_000), offers=offers)
def test_shares_fit_and_flow(budget, offers):
    shares = share_out(budget, offers)
    chosen = [(o, s) for o, s in zip(offers, shares, strict=True) if s is not None]
    assert sum(offer.kbps[share] for offer, share in chosen) <= budget
    for offer, share in chosen:
        assert share in offer.flowing
        assert share <= offer.best or share == offer.flowing[0]


@given(budget=st.floats(0, 20_000), more=st.floats(0, 5_000), offers=offers)
def test_a_better_line_never_loses_everything(budget, more, offers):
    before = share_out(budget, offers)
    after = share_out(budget + more, offers)
    assert (before[:1] == [None]) >= (after[:1] == [None])
    assert share_out(needed(offers) + sum(max(o.kbps) for o in offers), offers) == share_out(
        None, offers
    )


class Line:
    """A line that takes so many kbit/s: what is more is lost."""

    def __init__(self, takes: float, wanted: int = 1_500, noise: float = 0.0) -> None:
        self.takes, self.wanted, self.noise = takes, wanted, noise
        self.budget = Budget()
        self.now = 100.0

    @property
    def sent(self) -> float:
        kbps = self.budget.kbps
        return self.wanted if kbps is None else min(kbps, self.wanted)

    def run(self, seconds: int, *, remb: bool = False) -> float:
        for _ in range(seconds):
            self.now += 1
            lost = max(0.0, 1 - self.takes / self.sent) if self.sent else 0.0
            told = int(self.takes) if remb and self.sent > self.takes else None
            loss = self.noise if remb else max(lost, self.noise)
            self.budget.observe(loss, told, self.sent, self.wanted, self.now)
        return self.sent


def test_a_good_line_has_no_limit():
    line = Line(5_000)
    line.run(300)
    assert line.budget.kbps is None


def test_a_burst_costs_nothing():
    line = Line(5_000)
    line.run(10)
    line.takes = 500
    line.run(3)
    line.takes = 5_000
    line.run(1)
    assert line.budget.kbps is None


def test_a_narrow_line_is_not_filled_for_long():
    for remb in (False, True):
        line = Line(400)
        line.run(12, remb=remb)
        assert line.sent <= 400 * 1.15
        crowded = 0
        for _ in range(600):
            line.run(1, remb=remb)
            crowded += line.sent > 400 * 1.15
        # Tries for more get rarer: a second here and there, not every other one.
        assert crowded < 60


def test_a_line_that_got_better_is_used_again():
    line = Line(400)
    line.run(60)
    line.takes = 5_000
    line.run(300)
    assert line.budget.kbps is None


def test_random_loss_is_no_full_line():
    line = Line(5_000, noise=0.15)
    line.run(120)
    assert line.sent > 300


@given(
    seconds=st.lists(
        st.tuples(
            st.floats(0, 1),
            st.one_of(st.none(), st.integers(0, 5_000)),
            st.floats(0, 5_000),
            st.integers(0, 5_000),
        ),
        max_size=200,
    )
)
def test_the_budget_is_always_possible(seconds):
    budget, now = Budget(), 0.0
    for loss, remb, sent, wanted in seconds:
        now += 1
        budget.observe(loss, remb, sent, wanted, now)
        assert budget.kbps is None or 0 <= budget.kbps <= max(sent, AT_LEAST_KBPS, budget.kbps)
