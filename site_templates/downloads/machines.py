"""For programs that read a site: the settings of a study in one file, and what there is, as `llms.txt` says it.

Format of the latter: J. Howard, "The /llms.txt file", https://llmstxt.org, 2024.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from precompute.store import VALUES, Manifest
from site_templates.addresses import page_address
from site_templates.data import choices

SETTINGS = "settings.json"
FORMAT = 1
"""Of settings.json."""
LINKS = (
    ("index.html", "Explorer", "maps and sliders; needs JavaScript"),
    ("settings/index.html", "Settings", "every setting, a page each, readable without JavaScript"),
    (SETTINGS, "Settings as JSON", "every setting with its measures, its page and its place in the explorer"),
    ("audit.html", "Audit", "samples whose label is doubtful"),
    ("download/index.html", "Download", "all tables as Parquet and CSV, charts, citation"),
    ("download/dictionary.json", "Data dictionary", "what every column means, and its unit"),
    ("download/manifest.json", "Manifest", "the data, the grid, the measures, versions and fingerprints"),
    ("download/croissant.json", "Croissant", "the tables described for machine learning libraries"),
)
"""What is there of a study: file in its folder, name, and what it is."""


def settings(manifest: Manifest, metrics: pa.Table, address: str | None, pages: bool) -> bytes:
    """settings.json: every setting with what it is made by, its measures as they stand in the tables, and where it is.

    Args:
        manifest: of the study, its texts as pages show them.
        metrics: the table of all measures.
        address: public address of the study's folder, ending in "/"; None: it is not known.
        pages: whether each of its settings has a page.
    """
    states, start = choices.states(manifest), choices.start(manifest)
    rows = metrics.select(["setting", "metric", "value"])
    figures: dict[str, dict[str, float | None]] = {}
    for setting, metric, value in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        if setting is not None:
            figures.setdefault(setting, {})[metric] = value
    maps = {one.slug: one for one in manifest.embeddings}
    entries = []
    for one in manifest.settings:
        own, at = maps.get(one.embedding or ""), states.get(one.slug)
        more = {} if one.representation == VALUES else {"representation": one.representation}
        entry: dict[str, Any] = {
            "setting": one.slug,
            **more,
            "space": one.space,
            "method": None if own is None else own.method,
            "clusterer": one.clusterer,
            "parameters": {**({} if own is None else own.parameters), **one.parameters},
            "page": f"settings/{one.slug}.html" if pages else None,
            "explorer": None if at is None else f"index.html{choices.address(manifest, at, start)}",
            "measures": figures.get(one.slug, {}),
        }
        entries.append(entry)
    info = manifest.dataset
    wanted = {"name", "label", "meaning", "lower", "upper", "better"}
    whole = {
        "format": FORMAT,
        "study": info.id,
        "title": info.title,
        "samples": info.n,
        "labels": info.labels,
        "address": address,
        "measures": [
            {name: getattr(one, name) for name in sorted(wanted)} for one in manifest.metrics if one.of == "setting"
        ],
        "settings": entries,
    }
    return (json.dumps(whole, allow_nan=False, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def llms(title: str, studies: Sequence[Manifest], there: Collection[str], root: str | None) -> bytes:
    """llms.txt: what the site is, and links to what there is of each study.

    Args:
        title: of the gallery.
        studies: manifests of the gallery's studies, texts as pages show them.
        there: all files of the site by path.
        root: public address of the site, ending in "/"; None: links are relative.
    """
    lines = [
        f"# {_plain(title)}",
        "",
        "> Clustering studies: maps (PCA, t-SNE and their like) and clusterings of the same samples at every setting "
        "of a grid, all computed beforehand. Labels only evaluate.",
        "",
        "Figures are best read from settings.json and from the tables. A setting is a map with its parameters and a "
        "clusterer with its own; its name, such as tsne-p30-k10, is the same in pages, tables and JSON.",
    ]
    for one in studies:
        info = one.dataset
        what = f"{info.n:,} samples, {len(one.embeddings):,} maps, {len(one.settings):,} settings"
        copy = f", a shuffled copy of {info.null_of}, in which there is nothing to find" if info.null_of else ""
        lines += ["", f"## {_plain(info.title)}", "", f"{what}{copy}.", ""]
        for name, label, meaning in LINKS:
            path = f"{info.id}/{name}"
            if path in there:
                lines.append(f"- [{label}]({page_address(root, path) if root else quote(path)}): {meaning}")
    return "\n".join([*lines, ""]).encode()


def space(title: str) -> bytes:
    """README.md of a static Space of Hugging Face, whose head says what it is.

    Format: Hugging Face, "Spaces Configuration Reference".
    """
    head = {
        "title": title,
        "emoji": "🗺️",
        "colorFrom": "blue",
        "colorTo": "gray",
        "sdk": "static",
        "app_file": "index.html",
        "pinned": False,
    }
    # a text in JSON is one in YAML
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    text = f"# {_plain(title)}\n\nClustering studies in which every setting has been computed. Made by Clusterfolio.\n"
    return "\n".join(["---", *lines, "---", "", text]).encode()


def _plain(text: str) -> str:
    """A text on one line in which nothing is Markdown."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
