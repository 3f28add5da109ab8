"""Texts of strangers, made fit to be shown."""

LONGEST = 300


def printable(text: str) -> str:
    """Spell out control characters: names and texts from elsewhere must not steer a terminal."""
    return "".join(x if x == "\n" or x.isprintable() else f"\\x{ord(x):02x}" for x in text)


def one_line(text: str) -> str:
    """The same, without line ends, and not too much of it."""
    line = " ".join(text.split())
    return printable(line if len(line) <= LONGEST else f"{line[:LONGEST]}…")
