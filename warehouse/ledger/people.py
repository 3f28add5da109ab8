"""Who asks, and what that person may do; checked here, whatever a page shows or hides."""

from typing import NamedTuple

from warehouse.ledger.errors import NotAllowed


class Person(NamedTuple):
    """Someone who is signed in."""

    name: str
    """An e-mail address, or `local` on a machine of one's own."""
    is_maintainer: bool = False


def require_maintainer(person: Person) -> None:
    """Raises `NotAllowed`."""
    if not person.is_maintainer:
        raise NotAllowed(f"{person.name} is no maintainer. settings.toml names the maintainers.")
