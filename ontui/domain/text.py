"""Foreign text, made harmless once, where it enters."""

import re

LIMIT = 4096
"""Longest foreign text kept, in characters, where the caller does not say otherwise."""
CUT = "…"
"""Ends a text that was cut."""
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC and what they carry
    r"|\x1b[ -/]*[0-~]?",
    re.S,
)


def clean(text: object, limit: int = LIMIT, *, keep_newlines: bool = True) -> str:
    """Replace what a terminal would obey (escapes, control, bidi, zero-width) by U+FFFD and cap the length."""
    raw = text if isinstance(text, str) else str(text)
    cut = raw[:limit].replace("\r\n", "\n")
    kept = "\n\t" if keep_newlines else ""
    if not keep_newlines:
        cut = cut.replace("\n", " ").replace("\t", " ")
    safe = cut if cut.isprintable() else "".join(c if c.isprintable() or c in kept else "�" for c in cut)
    return safe + CUT if len(raw) > limit else safe


def one_line(text: object, limit: int = 200) -> str:
    """Foreign text as one harmless line, white space folded; what is cut ends in `…`, which masks rely on."""
    line = " ".join(clean(text, limit * 2, keep_newlines=False).split())
    return line if len(line) <= limit else line[: limit - 1] + CUT


def name_of(text: object, limit: int = 120) -> str:
    """Foreign text as a name: one line, and where it is cut still another one than that of another text."""
    whole = one_line(text, LIMIT)
    if len(whole) <= limit:
        return whole
    import hashlib  # 4 MiB of OpenSSL, for the few names that are so long

    return f"{whole[: limit - 6]}{CUT}{hashlib.sha256(str(text).encode('utf-8', 'replace')).hexdigest()[:5]}"


def without_escapes(text: str) -> str:
    """The text as it reads on a terminal that has no colours: escape sequences left out with all they carry."""
    return _ESCAPES.sub("", text)
