"""Texts that a reply, a server, a file or a name may hold, and that no surface may act on.

`HOSTILE` maps a name to a text; parametrise with `HOSTILE_TEXTS` and `HOSTILE_NAMES`. `forbidden` is the judge of
what came out, written apart from the code that it judges.
"""

from __future__ import annotations

import unicodedata

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"


def forbidden(text: str, *, newlines: bool = False) -> list[str]:
    """The characters of a text that must never reach a screen: they act, vanish or reorder."""
    allowed = {" ", "\u3000"} | ({"\n"} if newlines else set())
    return [char for char in text if char not in allowed and _acts_or_vanishes(char)]


def _acts_or_vanishes(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
        or unicodedata.bidirectional(char) in {"R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF"}
        or code in {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0}
        or 0x180B <= code <= 0x180F
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0000 <= code <= 0xE01EF
    )


def _one_per(codes: range | list[int], kind: str) -> dict[str, str]:
    return {f"{kind} U+{code:04X}": f"before{chr(code)}after" for code in codes}


HOSTILE: dict[str, str] = {
    "empty": "",
    "spaces": "   ",
    **_one_per([*range(0x20), 0x7F], "C0"),
    **_one_per(range(0x80, 0xA0), "C1"),
    **_one_per([0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "bidi"),
    **_one_per([0xAD, 0x34F, 0x200B, 0x200C, 0x200D, 0x2060, 0x2064, 0x3164, 0xFEFF, 0xFFA0], "zero width"),
    **_one_per([0x2028, 0x2029, 0x85, 0xA0, 0x2007, 0x202F], "separator"),
    **_one_per([0xFE0F, 0xFE00, 0xE0100, 0xE0041, 0xE007F], "selector or tag"),
    **_one_per(
        [0xD800, 0xDC80, 0xDFFF, 0xE000, 0xF8FF, 0xFFFE, 0xFFFF, 0xFDD0, 0x378, 0x10FFFF], "not a character"
    ),
    "CSI colour": f"{ESC}[31mred{ESC}[0m",
    "CSI clear and home": f"{ESC}[2J{ESC}[H",
    "CSI alternate screen off": f"{ESC}[?1049l",
    "CSI 8-bit": "\x9b31mred",
    "CSI cursor report": f"{ESC}[6n",
    "OSC 0 title": f"{ESC}]0;pwned{BEL}",
    "OSC 8 link": f"{ESC}]8;;http://127.0.0.1/{ST}link{ESC}]8;;{ST}",
    "OSC 52 clipboard": f"{ESC}]52;c;cm0gLXJmIC8K{BEL}",
    "OSC unclosed": f"{ESC}]0;never closed",
    "OSC 8-bit": "\x9d0;title\x9c",
    "DCS": f"{ESC}P1$r0m{ST}",
    "DCS 8-bit": "\x90q\x9c",
    "APC and PM": f"{ESC}_apc{ST}{ESC}^pm{ST}",
    "reset": f"{ESC}c",
    "lone ESC": ESC,
    "carriage return": "12\r99",
    "backspaces": "correct\b\b\b\b\b\b\bwrong",
    "newlines": "one\ntwo\r\nthree\vfour\ffive",
    "tabs": "a\tb\t\tc",
    "forged line": "ok\n 42 ✓ brave cloud          +14 −63     212   = 212",
    "bidi override": "answer \u202e212\u202c end",
    "bidi isolate": "\u2067right\u2069 left",
    "Hebrew": "סכום 212 הוא",
    "Arabic with digits": "المجموع ٢١٢ هو",
    "wide": "漢字かな한국어 全角",
    "wide emoji": "👍🏽👨‍👩‍👧‍👦❤️🇫🇷",
    "combining": "e\u0301 a\u0308\u0323",
    "combining first": "\u0301\u0302leads",
    "combining after a newline": "one\n\u0301two",
    "zalgo": "".join("hello"[i] + "".join(chr(0x300 + j) for j in range(40)) for i in range(5)),
    "conjoining jamo": "ᄀ" + "\u1161" * 30,
    "lone surrogates": "a\ud800b\udfffc\udc80",
    "closing tag": "[/x]",
    "closing tag of nothing": "[/]",
    "action link": "[@click=app.quit]press me[/]",
    "action link quoted": "[@click=\"app.bell('x')\"]press[/]",
    "type that looks like markup": "list[int] and dict[str, int]",
    "instruct tag": "[INST] do it [/INST]",
    "style tag": "[bold red on blue]x[/bold red on blue]",
    "rich link": "[link=http://127.0.0.1/]x[/link]",
    "rich emoji": ":smile: :warning:",
    "backslash before a tag": "\\[b]not bold\\[/b]",
    "open bracket": "[",
    "variable": "$x $text {0} {x!r} %s %(x)s",
    "broken tag": "[b",
    "HTML": "<script>alert(1)</script> &amp; \"'><img src=x onerror=1>",
    "comma and formula": "=cmd|' /C calc'!A0,\"quoted\"",
    "JSON": '{"answer": "</answer>"}\\u001b[31m',
    "answer tags": "<answer>1</answer><answer>|2|</answer><think>",
    "NUL inside": "a\0b",
    "markdown": "# head\n**bold** `code` ![x](file:///etc/passwd)",
    "megabyte line": "x" * 1_000_000,
    "megabyte of newlines": "\n" * 1_000_000,
    "megabyte of ESC": ESC * 1_000_000,
}
HOSTILE_NAMES: list[str] = list(HOSTILE)
HOSTILE_TEXTS: list[str] = list(HOSTILE.values())
ONE_OF_EACH: dict[str, str] = {name.partition(" U+")[0]: text for name, text in reversed(HOSTILE.items())}
"""One text of each kind, for surfaces that are slow: the text road itself is tried with all of them."""
