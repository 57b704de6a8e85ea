"""The budget: every file in one kind, limits named before a host refuses."""

from __future__ import annotations

import pytest

from site_templates.output import budget

SIZES = {
    "index.html": 10,
    "404.html": 1,
    ".nojekyll": 0,
    "assets/style-0.css": 20,
    "digits/settings/a.html": 30,
    "digits/settings/a.png": 40,
    "digits/settings/a-card.png": 50,
    "digits/data/study-0.js": 60,
    "digits/download/index.html": 5,
    "digits/download/tables/a.parquet": 70,
}


def test_every_file_is_weighed_once() -> None:
    found = budget.budget(SIZES)
    assert found.size == sum(SIZES.values())
    assert {share.kind: (share.files, share.size) for share in found.shares} == {
        "pages": (4, 46),
        "pictures": (1, 40),
        "cards": (1, 50),
        "data": (1, 60),
        "downloads": (1, 70),
        "assets": (1, 20),
        "other": (1, 0),
    }
    assert not found.errors and not found.warnings
    assert found.text().startswith("downloads 0.0 MB (1), data")


@pytest.mark.parametrize("name", ["data", "download", "settings", "charts", "audit"])
def test_the_name_of_a_study_does_not_decide_what_its_files_are(name: str) -> None:
    """b14: the id of data.csv is "data"."""
    renamed = {path.replace("digits/", f"{name}/"): count for path, count in SIZES.items()}
    assert budget.budget(renamed).shares == budget.budget(SIZES).shares


def test_half_of_a_limit_warns_and_more_than_all_of_it_stops() -> None:
    half = budget.budget({"a/b.parquet": 60_000_000})
    assert "a/b.parquet: 60.0 MB" in half.warnings[0] and not half.errors
    assert "100 MB" in budget.budget({"a/b.parquet": 100_000_001}).errors[0]
    data = budget.budget({"a/data/study-0.js": 100_000_001}).errors[0]
    assert data.endswith("100 MB; bring fewer samples or smaller pictures (--image-shape), or a smaller grid")
    many = {f"{at}.png": 90_000_000 for at in range(12)}
    heavy = budget.budget({**many, "a.html": 1}).errors
    assert heavy == (
        "the site: 1,080.0 MB; hosts such as GitHub Pages allow 1,000 MB, and pictures are 1,080.0 MB of it; choose a "
        "smaller grid",
    )
    assert budget.budget({"a.html": budget.SITE_LIMIT // 2 + 1}).warnings[0].startswith("the site")


def test_what_only_cloudflare_pages_would_refuse_is_a_warning() -> None:
    large = budget.budget({"a/b.parquet": 30 * 2**20, "a/c.parquet": 26 * 2**20, "a.html": 1})
    assert large.warnings == ("a/b.parquet (30.0 MiB) and 1 more; Cloudflare Pages takes files of up to 25 MiB",)
    many = budget.budget({f"a/{number}.png": 1 for number in range(20_001)})
    assert many.warnings == ("20,001 files; Cloudflare Pages takes 20,000",)
    assert not large.errors and not many.errors


def test_folders_that_hosts_leave_out_are_named() -> None:
    for path in ("_data/a.js", "digits/.hidden/a.js"):
        assert "dot or an underscore" in budget.budget({path: 1}).errors[0]
    assert not budget.budget({".nojekyll": 0, "digits/_a.js": 1}).errors
