"""Pages: names that a template lacks are an error, texts stay texts, addresses are relative to the page."""

from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError

from precompute.store import Study
from site_templates.output.assets import Asset
from site_templates.pages import render
from site_templates.study import PageContent, StudySite
from site_templates.views import StudyView


def test_a_missing_variable_is_an_error_never_an_empty_place() -> None:
    with pytest.raises(UndefinedError):
        render._environment(render.TEMPLATES).from_string("{{ nothing }}").render()


@pytest.mark.parametrize("text", ["<b>", '"><script>', "a & b", "'"])
def test_texts_stay_texts_in_every_template(text: str) -> None:
    shown = render._environment(render.TEMPLATES).from_string('<p title="{{ text }}">{{ text }}</p>').render(text=text)
    assert shown.count("<") == 2
    assert shown.count('"') == 2


def test_assets_are_found_from_any_depth() -> None:
    found = {"style.css": Asset("assets/style-0.css", b"")}
    assert render._locator(found, "index.html")("style.css") == "assets/style-0.css"
    assert render._locator(found, "digits/index.html")("style.css") == "../assets/style-0.css"
    assert render._locator(found, "digits/settings/a.html")("style.css") == "../../assets/style-0.css"


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    for path in sorted(render.TEMPLATES[0].iterdir()):
        text = path.read_text(encoding="utf-8")
        # a notebook's cell is no page of ours: its front end brings no style sheet for the frame
        assert "style=" not in text.replace("{{ style", "") or path.name == "notebook.html.j2", path.name
        assert "onclick" not in text
        assert "|safe" not in text.replace(" ", "")
        # the page in one file is all inline: its policy names the hash of each script (tests/test_offline.py)
        assert "<script>" not in text or path.name == "single.html.j2"


def test_pages_of_a_study_link_to_each_other_and_mark_the_one_shown(
    monkeypatch: pytest.MonkeyPatch, tiny_study: Study
) -> None:
    study = StudySite(StudyView(tiny_study.manifest, tiny_study), None)

    def kind(name: str) -> render.PageKind:
        return render.PageKind("", lambda _: PageContent({}, {}), name)

    kinds = {"index.html": kind("Explore"), "settings/index.html": kind("<Settings>"), "hidden.html": kind("")}
    monkeypatch.setattr(render, "STUDY_PAGES", kinds)
    template = render._environment(render.TEMPLATES).from_string(
        '{% from "macros.html.j2" import page_header %}{{ page_header("../index.html", "A & B", pages) }}'
    )
    text = template.render(pages=render.navigation("settings/index.html", study))
    assert re.findall(r'<a href="([^"]*)"( aria-current="page")?>([^<]*)</a>', text) == [
        ("../index.html", "", "Clusterfolio"),
        ("../index.html", "", "Explore"),
        ("index.html", ' aria-current="page"', "&lt;Settings&gt;"),
    ]
    assert "<strong>A &amp; B</strong>" in text
    monkeypatch.setattr(render, "STUDY_PAGES", {"index.html": kind("Explore")})
    assert "<nav" not in template.render(pages=render.navigation("index.html", study))
