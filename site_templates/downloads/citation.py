"""How to cite a study: CITATION.cff and BibTeX, made from what the manifest says."""

from __future__ import annotations

import json
from importlib.metadata import version

from precompute.store import DatasetInfo, Manifest
from site_templates import words

_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\n": " ", "\t": " ", "@": r"\char64{}",
}  # fmt: skip


def title(info: DatasetInfo) -> str:
    """Title of the study as a citation gives it."""
    return f"{info.title}: every clustering"


def software() -> str:
    """The program and its version."""
    return f"Clusterfolio {version('clusterfolio')}"


def cff(manifest: Manifest, address: str | None) -> str:
    """CITATION.cff, Citation File Format 1.2.0. Every value is a JSON string, which is a YAML string too.

    The manifest names no person who ran the study, so the program stands as the author; the data's own source is a
    reference, in its own words.
    """
    info = manifest.dataset
    data = f"{info.source}. Licence: {info.license}" if info.license else info.source
    lines = [
        'cff-version: "1.2.0"',
        'message: "Cite the data by their source, and this study as below."',
        'type: "dataset"',
        f"title: {_quoted(title(info))}",
        "authors:",
        f"  - name: {_quoted(software())}",
        f"abstract: {_quoted(abstract(manifest))}",
        *([f"url: {_quoted(address)}"] if address else []),
        "identifiers:",
        '  - type: "other"',
        f"    value: {_quoted(f'sha256:{info.sha256}')}",
        '    description: "Hash of the data that were clustered"',
    ]
    if info.source:
        lines += [
            "references:",
            '  - type: "data"',
            f"    title: {_quoted(info.title)}",
            "    authors:",
            f"      - name: {_quoted(info.source)}",
            f"    notes: {_quoted(data)}",
        ]
    return "\n".join(lines) + "\n"


def bibtex(info: DatasetInfo, address: str | None) -> str:
    """A BibTeX entry; it has no year, because nothing that a build writes holds a date."""
    note = f"Data: {info.source}. sha256 of the data: {info.sha256}" if info.source else f"sha256: {info.sha256}"
    fields = {
        "title": _escaped(title(info)),
        "author": f"{{{_escaped(software())}}}",
        "howpublished": f"\\url{{{address}}}" if address else "Static site made with Clusterfolio",
        "note": _escaped(note),
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{info.id}-clusterings,\n{body}\n}}\n"


def abstract(manifest: Manifest) -> str:
    """One sentence on what the study is."""
    info = manifest.dataset
    used = words.used(manifest)
    return f"{used} of {info.n} samples, for every setting of a grid. {info.description}".strip()


def _quoted(text: str) -> str:
    text = json.dumps(text, ensure_ascii=False)
    # what JSON lets stand and YAML takes for an end of line
    return text.replace("\x85", "\\u0085").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _escaped(text: str) -> str:
    return "".join(_BIBTEX.get(character, character) for character in text)
