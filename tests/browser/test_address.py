"""The address gives a state, and the state gives its address back."""

from __future__ import annotations

import random

import pytest

from tests.browser.conftest import Explorer
from tests.browser.helpers import INVERSE, alert, settle
from tests.hostile.test_addresses import VISIT


def test_back_and_forward_restore_each_setting(explorer: Explorer) -> None:
    explorer.open("#perplexity=30&k=10")
    shown = [explorer.setting]
    for name, value in (("k", 4), ("perplexity", 5), ("k", 3)):
        explorer.slide(name, value)
        settle(explorer)
        shown.append(explorer.setting)
    assert shown == ["tsne-p30-k10", "tsne-p30-k4", "tsne-p5-k4", "tsne-p5-k3"]
    for slug in reversed(shown[:-1]):
        explorer.page.go_back()
        explorer.ready(slug)
    explorer.page.go_forward()
    explorer.ready(shown[1])


@pytest.mark.parametrize(
    ("given", "shown", "says"),
    [
        ("", "#perplexity=30&k=10", ""),
        ("#perplexity=35&k=4", "#perplexity=35&k=4", ""),
        ("#k=10&perplexity=5", "#perplexity=5&k=10", ""),
        ("#perplexity=30&k=10&space=map&color=cluster&method=tsne", "#perplexity=30&k=10", ""),
        ("#pair=8-1&color=label&sample=3", "#perplexity=30&k=10&color=label&sample=3&pair=8-1", ""),
        ("#perplexity=7&k=99", "#perplexity=5&k=15", "There is no perplexity 7 here; this is 5, the nearest."),
        ("#k=abc", "#perplexity=30&k=10", "“abc” is no k"),
        ("#sample=1797", "#perplexity=30&k=10", "“1797” is no sample"),
        ("#k=3&cluster=3", "#perplexity=30&k=3", "“3” is no cluster"),
        ("#pair=8&space=moon", "#perplexity=30&k=10", "“8” is no pair"),
        ("#__proto__=1", "#perplexity=30&k=10", "“__proto__” in the address means nothing here."),
        ("#<img src=x onerror=alert(1)>", "#perplexity=30&k=10", "means nothing here"),
    ],
)
@pytest.mark.stays
def test_any_link_ends_at_a_valid_setting_and_says_what_was_changed(
    local: Explorer, given: str, shown: str, says: str
) -> None:
    local.open(given)
    assert local.hash() == shown
    assert says in alert(local)
    assert bool(says) == bool(alert(local))


AS_MEANT = "#perplexity=35&k=12&sample=1234"
ALTERED = (
    AS_MEANT.replace("=", "%3D").replace("&", "%26"),
    AS_MEANT.replace("=", "%3D"),
    AS_MEANT.replace("&", "%26"),
    AS_MEANT.replace("&", "&amp;"),
    AS_MEANT.replace("&", "%26amp%3B"),
    AS_MEANT.replace("#", "#%23").replace("=", "%3D").replace("&", "%26"),
    *(AS_MEANT + end for end in (".", ")", ",", ">", '"', ").", "%22", "%E2%80%A6", "%20", "%252E")),
)
"""Links as mails, chats and texts around them leave them."""


ALTERED_PAIR = (
    "#a%3Dtsne-p35-k12%26b%3Dfeatures-k4",
    "#b=features-k4&amp;a=tsne-p35-k12.",
    "#a=tsne-p35-k12)&b=features-k4)",
)
ALTERED_QUEUE = ("#show%3Dall%26label%3D8%26sample%3D1553", "#show=all&amp;label=8&amp;sample=1553).")


@pytest.mark.parametrize(
    ("path", "meant", "altered"),
    [
        ("index", AS_MEANT, ALTERED),
        ("compare", "#a=tsne-p35-k12&b=features-k4", ALTERED_PAIR),
        ("audit", "#show=all&label=8&sample=1553", ALTERED_QUEUE),
    ],
)
@pytest.mark.stays
def test_a_link_that_was_encoded_once_more_or_ended_a_sentence_leads_where_it_did(
    local: Explorer, path: str, meant: str, altered: tuple[str, ...]
) -> None:
    local.open(altered[0], f"digits/{path}.html")
    assert local.hash() == meant
    assert "is read as" in alert(local)
    for found in local.page.evaluate(VISIT, [each for one in altered for each in ("", one)])[1::2]:
        assert found["address"] == meant, found["given"]
        assert "is read as" in found["says"], found["given"]
        assert "means nothing" not in found["says"], found["given"]


def test_what_is_meant_as_it_is_written_is_not_shortened(local: Explorer) -> None:
    local.open("#show=all&find=1,", "digits/audit.html")
    assert (local.page.locator("#search").input_value(), alert(local)) == ("1,", "")


@pytest.mark.stays
def test_what_was_not_understood_is_shown_as_it_came(local: Explorer) -> None:
    local.open("#a-word-that-is-longer-than-twenty-four-letters&k=neither-a-number-nor-anything-else")
    assert "“a-word-that-is-longer-than-twenty-four-letters” in the address means nothing here." in alert(local)
    assert "“neither-a-number-nor-anything-else” is no k" in alert(local)


@pytest.mark.stays
def test_addresses_of_every_kind_end_ready(local: Explorer) -> None:
    local.open()
    order = random.Random(2)
    keys = [
        "perplexity",
        "k",
        "space",
        "color",
        "sample",
        "pair",
        "cluster",
        "label",
        "metric",
        "constructor",
        "%00",
        "",
    ]
    values = [
        "5",
        "4",
        "-1",
        "1e9",
        "NaN",
        "features",
        "right",
        "8-1",
        "8-",
        "9" * 30,
        "%E0%A4%A",
        "%",
        "<b>",
        "a" * 999,
    ]
    fragments = [
        "&".join(f"{order.choice(keys)}={order.choice(values)}" for _ in range(order.randint(0, 5))) for _ in range(100)
    ]
    for found in local.page.evaluate(VISIT, fragments):
        assert (found["state"], found["address"].startswith("#perplexity=")) == ("ready", True), found["given"]


@pytest.mark.stays
def test_state_and_address_are_inverse(local: Explorer) -> None:
    local.open()
    assert local.page.evaluate(f"() => ({INVERSE})(clusterfolio.get('study'), 3000)") == []


@pytest.mark.parametrize(
    "stored",
    [  # each of them and many more on the front page, quickly too: tests/hostile/test_addresses.py
        "dark",
        'evil"><img src=x onerror=alert(1)>',
        pytest.param("light", marks=pytest.mark.slow),
        pytest.param("__proto__", marks=pytest.mark.slow),
    ],
)
def test_only_known_themes_are_taken_from_storage(local: Explorer, stored: str) -> None:
    local.open()
    local.page.evaluate("value => localStorage.setItem('clusterfolio.theme', value)", stored)
    local.page.reload()
    local.ready()
    assert local.page.locator("html").get_attribute("data-theme") == (stored if stored in ("dark", "light") else None)


def test_an_address_may_lead_to_a_part_of_the_page(local: Explorer) -> None:
    local.open("#clusters")
    assert alert(local) == ""
    assert local.hash() == "#perplexity=30&k=10"
    assert local.page.evaluate("Math.abs(document.querySelector('#clusters').getBoundingClientRect().top) < 400")
