"""Public addresses: normalised, refused with a reason, complete in the sitemap."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from site_templates import addresses


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://user.github.io/repo", "https://user.github.io/repo/"),
        ("https://user.github.io/repo///", "https://user.github.io/repo/"),
        ("HTTPS://Example.ORG", "https://example.org/"),
        ("http://127.0.0.1:8000/a/b/", "http://127.0.0.1:8000/a/b/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_an_address_ends_in_one_slash(given: str, expected: str) -> None:
    assert addresses.public_address(given) == expected


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("user.github.io/repo", "no public address"),
        ("ftp://example.org/", "no public address"),
        ("javascript:alert(1)", "no public address"),
        ("https://", "no public address"),
        ("https://example.org/?a=1", "query"),
        ("https://example.org/#top", "fragment"),
        ("https://me:secret@example.org/", "user name"),
        ("https://example.org:port/", "no address"),
        ('https://example.org/"><script>', "other characters"),
        ("https://example.org/a b/", "other characters"),
        ("https://example.org/a/../b/", "other characters"),
        (" https://example.org/", "no public address"),
    ],
)
def test_what_is_no_public_address_is_refused(given: str, what: str) -> None:
    with pytest.raises(ValueError, match=f"(?s){what}.*allowed: http or https"):
        addresses.public_address(given)


def test_the_sitemap_names_every_page_by_its_canonical_address() -> None:
    text = addresses.sitemap("https://a.b/c&d/", ["x/page.html", "index.html", "x/index.html", "x/ä.html"])
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    assert [one.text for one in ElementTree.fromstring(text).iter(name)] == [
        "https://a.b/c&d/",
        "https://a.b/c&d/x/",
        "https://a.b/c&d/x/page.html",
        "https://a.b/c&d/x/%C3%A4.html",
    ]


def test_a_link_keeps_its_meaning_as_methods_and_clusterers_join_a_study() -> None:
    """What is left out is t-SNE and K-Means, whatever the study had when the link was made."""
    kinds: dict[str, float | str] = {
        "representation": "values", "method": "umap", "clusterer": "ward", "space": "map"
    }  # fmt: skip
    alone: dict[str, float | str] = {**kinds, "n_neighbors": 15.0, "k": 5.0}
    at = {**alone, "n_neighbors": 5.0}
    said = addresses.explorer_state(at, alone, ["n_neighbors"], ["k"])
    assert said == "#method=umap&n_neighbors=5&clusterer=ward&k=5"
    old: dict[str, float | str] = {**alone, "method": "tsne", "perplexity": 30.0, "clusterer": "kmeans"}
    assert addresses.explorer_state(old, old, ["perplexity"], ["k"]) == "#perplexity=30&k=5"
