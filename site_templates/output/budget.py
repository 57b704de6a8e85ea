"""What a site weighs, by kind of file, and what a host would refuse.

The limits are those of GitHub Pages: a site of 1 GB, files of 100 MB in a repository, and no folders whose names begin
with a dot or an underscore (Jekyll and its upload action leave them out). What only Cloudflare Pages would refuse is a
warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

SITE_LIMIT = 1_000_000_000
FILE_LIMIT = 100_000_000
MOST_PAGES = 50_000
"""A sitemap may name so many pages."""
CLOUDFLARE_FILES, CLOUDFLARE_FILE = 20_000, 25 * 2**20
"""What Cloudflare Pages takes for nothing: files of a site, and bytes of a file."""

KINDS = ("pages", "pictures", "cards", "data", "downloads", "assets", "other")

_SMALLER: Mapping[str, str] = {
    **dict.fromkeys(("pages", "pictures", "cards"), "choose a smaller grid"),
    **dict.fromkeys(
        ("data", "downloads"), "bring fewer samples or smaller pictures (--image-shape), or a smaller grid"
    ),
}
"""What makes files of a kind smaller."""


@dataclass(frozen=True)
class Share:
    """Files of one kind: how many, and their size in bytes."""

    kind: str
    files: int
    size: int


@dataclass(frozen=True)
class Budget:
    """The site by kind of file, what stands against publishing it, and what soon will."""

    shares: tuple[Share, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(share.size for share in self.shares)

    def text(self) -> str:
        """The kinds in one line, the largest first."""
        ordered = sorted(self.shares, key=lambda share: (-share.size, share.kind))
        return ", ".join(f"{share.kind} {share.size / 1e6:.1f} MB ({share.files:,})" for share in ordered)


EMPTY = Budget((), (), ())


def size(count: int) -> str:
    """Bytes in words: "12 kB", "1.4 MB"."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1e3:.0f} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"


def kind(path: str) -> str:
    """Which kind of file this is, one of `KINDS`."""
    top, *inside = PurePosixPath(path).parts[:-1] or ("",)
    name = PurePosixPath(path).name
    if top == "assets":
        return "assets"
    if name.endswith(".html"):
        return "pages"
    # by its place within the study, whose own folder may have any of these names
    for folder, found in (("download", "downloads"), ("data", "data")):
        if folder in inside:
            return found
    if name.endswith("-card.png"):
        return "cards"
    if name.endswith(".css"):  # beside a contact sheet
        return "assets"
    return "pictures" if name.endswith((".png", ".webp")) else "other"


def budget(sizes: Mapping[str, int]) -> Budget:
    """Weigh a site.

    Args:
        sizes: bytes of each file by its path in the site.
    """
    found: dict[str, list[int]] = {name: [] for name in KINDS}
    for path, count in sizes.items():
        found[kind(path)].append(count)
    shares = tuple(Share(name, len(one), sum(one)) for name, one in found.items() if one)
    errors, warnings = [], []
    heaviest = max(shares, key=lambda share: share.size, default=Share("other", 0, 0))
    for what, count, limit, of in [
        ("the site", sum(sizes.values()), SITE_LIMIT, heaviest.kind),
        *((path, count, FILE_LIMIT, kind(path)) for path, count in sizes.items()),
    ]:
        told = f"{what}: {count / 1e6:,.1f} MB; hosts such as GitHub Pages allow {limit / 1e6:,.0f} MB"
        if count > limit:
            most = f", and {of} are {heaviest.size / 1e6:,.1f} MB of it" if what == "the site" else ""
            errors.append(f"{told}{most}; {_SMALLER.get(of, 'take it away, or name another host')}")
        elif count > limit / 2:
            warnings.append(f"{told}, more than half of it is used")
    for path in sizes:
        hidden = next((part for part in PurePosixPath(path).parts[:-1] if part[0] in "._"), None)
        if hidden:
            errors.append(f"{path}: hosts leave folders out whose names begin with a dot or an underscore ({hidden})")
    pages = sum(share.files for share in shares if share.kind == "pages")
    if pages > MOST_PAGES:
        warnings.append(f"{pages:,} pages; a sitemap may name {MOST_PAGES:,}")
    return Budget(shares, tuple(errors), (*warnings, *_cloudflare(sizes)))


def _cloudflare(sizes: Mapping[str, int]) -> list[str]:
    """What Cloudflare Pages would refuse."""
    problems = []
    if len(sizes) > CLOUDFLARE_FILES:
        problems.append(f"{len(sizes):,} files; Cloudflare Pages takes {CLOUDFLARE_FILES:,}")
    large = [path for path, count in sizes.items() if count > CLOUDFLARE_FILE]
    if large:
        most = max(large, key=sizes.__getitem__)
        more = f" and {len(large) - 1:,} more" if len(large) > 1 else ""
        problems.append(f"{most} ({sizes[most] / 2**20:.1f} MiB){more}; Cloudflare Pages takes files of up to 25 MiB")
    return problems
