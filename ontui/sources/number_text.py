"""Numbers in the text of others."""


def number_in(text: str) -> float:
    """Not always finite; ValueError where only Python sees a number: `1_000`, or digits that are not ASCII."""
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    return float(text)
