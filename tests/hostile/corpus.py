"""Strings that try to be more than text, by what they try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

BATCH = 10
"""How many strings one site takes: the digits have ten label names."""

CORPUS: Mapping[str, Sequence[str]] = {
    "elements": (
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<svg><script href=data:,alert(1) />",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<base href='https://example.org/'>",
        "<meta http-equiv=refresh content='0;url=https://example.org/'>",
        "<link rel=stylesheet href=//example.org/x.css>",
        "<form action=//example.org><input autofocus onfocus=alert(1)>",
        "<details open ontoggle=alert(1)>",
        "<ScRiPt/x>alert`1`</sCrIpT\t>",
        "<plaintext>",
        "<textarea>",
        "<b",
    ),
    "ends": (
        "</script><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "</textarea></select></option></noscript></table></main></body></html>",
        "<!--",
        "--><script>alert(1)</script>",
        "<!--<script>",
        "<![CDATA[ ]]>",
        "<?php echo 1 ?>",
        "<!doctype html>",
    ),
    "attributes": (
        '" onmouseover="alert(1)',
        "' onfocus='alert(1)' autofocus='",
        '"><img src=x onerror=alert(1)>',
        "` onclick=alert(1) `",
        "x=y onclick=alert(1)//",
    ),
    "entities": (
        "&lt;script&gt;",
        "&#60;b&#62;",
        "&amp",
        "&#x0;&#xD800;&notanentity;",
        "\\u003cscript\\u003e",
        "%3Cscript%3E",
    ),
    "templates": (
        "{{ 7 * 7 }}",
        "{% raw %}{% block body %}",
        "{# comment #}",
        "${alert(1)}",
        "#{7*7}",
        "<%= 7*7 %>",
        "[[alert(1)]]",
        "%s %d {0} {x!r}",
    ),
    "scripts": (
        '");alert(1);("',
        "');alert(1);//",
        "\\",
        "\\\"',\n);alert(1)//",
        "*/alert(1)/*",
        "datum.x + event.view.alert(1)",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//example.org/x.js",
        "//# sourceMappingURL=https://example.org/x.map",
    ),
    "prototypes": (
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
        "prototype.polluted",
        "__proto__[polluted]=1",
    ),
    "styles": (
        "red;}body{display:none",
        "url(https://example.org/x.png)",
        "expression(alert(1))",
        "@import '//example.org'",
    ),
    "formulas": (
        "=1+1",
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1:A9)",
        '=HYPERLINK("https://example.org";"x")',
        "\t=1",
    ),
    "paths": (
        "../../etc/passwd",
        "..\\..\\windows",
        "/etc/passwd",
        "C:\\con.txt",
        "~/.ssh/id_rsa",
        "a/../../b",
        "nul",
        "file:///etc/passwd",
    ),
    "controls": ("a\x00b<b>\x00", "a\rb\nc\td", "\x1b[31mred\x1b[0m", "a\x08\x7f\x85b", "\ufeffbom", "\ufffe\uffff"),
    "directions": ("abc \u202edcba (21)", "\u2067abc", "\u2066\u2069\u202c\u202d", "\u200fשלום 12 עולם", "العربية 34"),
    "letters": (
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "🙂" * 20,
        "abcdefghijkl\U0001f9ffxyz",
        "Z" + "\u0301\u0327\u0489" * 30,
        "ﷺ﷽",
        "ＡＢ＜script＞",
        "a\u2028b\u2029c",
        "\u200b\u00ad\u2060",
    ),
    "numbers": ("null", "undefined", "NaN", "true", "-0", "1e999", "[object Object]"),
    "spaces": ("", " ", "  two  spaces  ", "\n\n", "\u00a0"),
    "lengths": ("W" * 10_000, "wide words " * 900, "<" * 2_000, "<i>" * 500 + "&" * 500, "\u202e" * 1_000),
}


def strings() -> list[str]:
    """All strings, each once."""
    return list(dict.fromkeys(text for group in CORPUS.values() for text in group))


def batches() -> Iterator[list[str]]:
    """All strings, as many at a time as a site has label names; the last batch is filled up from the first strings."""
    found = strings()
    for at in range(0, len(found), BATCH):
        yield (found[at : at + BATCH] + found)[:BATCH]
