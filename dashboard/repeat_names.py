"""How a run's several answers to one question are told apart; no Streamlit here."""

ROTATED = "rotate-"
"""How lanes begin in which choices are put in each of their cyclic orders."""


def is_rotated(lane: str) -> bool:
    return lane.startswith(ROTATED)


def kind(lane: str) -> str:
    """What each of the lane's repeats is: an `order` of the choices, or a `draw`."""
    return "order" if is_rotated(lane) else "draw"


def label(repeat: int, lane: str, choices: int) -> str:
    """`B C D A`, in letters of the source's order, or the number of the draw, from 1."""
    if not is_rotated(lane):
        return str(repeat + 1)
    letters = "".join(chr(ord("A") + place) for place in range(choices))
    return " ".join(letters[repeat % choices :] + letters[: repeat % choices])


def name(repeat: int, lane: str, choices: int) -> str:
    """`order B C D A` or `draw 2`."""
    return f"{kind(lane)} {label(repeat, lane, choices)}"
