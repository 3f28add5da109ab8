"""Who someone is, by what an identity provider says of them."""

from pathlib import Path

import pytest

from tests.test_ledger import ASKED
from tests.test_settings import say
from warehouse.ledger import upkeep
from warehouse.ledger.errors import NotAllowed
from warehouse.ledger.opening import open_ledger
from warehouse.ledger.people import LOCAL, Person, recognise, require_reviewer
from warehouse.ledger.submissions import find, submit

CLAIMS = {"sub": "17", "iss": "https://id.example.org", "email": "Ada@Example.org"}
BY_NUMBER = Person("17@https://id.example.org")


@pytest.fixture(autouse=True)
def maintainers(data_folder: Path) -> None:
    say(
        data_folder,
        """
        maintainers = ["ADA@example.org", "kate@example.org"]
        [reviewers]
        emails = ["Cleo@clinic.example.org"]
        """,
    )


@pytest.mark.parametrize("verified", [True, "true"])
def test_a_maintainer_is_known_by_a_verified_address(verified: object) -> None:
    person = recognise(CLAIMS | {"email_verified": verified})
    assert person == Person("ada@example.org", is_maintainer=True)


def test_a_reviewer_is_known_by_a_verified_address_too() -> None:
    claims = CLAIMS | {"email": "cleo@Clinic.example.org", "email_verified": True}
    cleo = Person("cleo@clinic.example.org", is_reviewer=True)
    assert recognise(claims) == require_reviewer(cleo) == cleo
    with pytest.raises(NotAllowed, match=r"is no reviewer"):
        require_reviewer(recognise(claims | {"email_verified": False}))
    with pytest.raises(NotAllowed, match="signed in"):
        require_reviewer(None)
    assert require_reviewer(LOCAL).is_maintainer


def test_others_are_known_by_theirs() -> None:
    claims = CLAIMS | {"email": "Bob@example.org", "email_verified": True}
    assert recognise(claims) == Person("bob@example.org")


@pytest.mark.parametrize("said", [{}, *({"email_verified": no} for no in (False, None, "", "no"))])
def test_an_address_that_is_not_verified_is_nobodys(said: dict[str, object]) -> None:
    assert recognise(CLAIMS | said) == BY_NUMBER


@pytest.mark.parametrize(
    "email",
    [
        *(None, "", 7, "ada", "ada@example.org ", "ada@example.org\n", "ada@example.org."),
        *("ada@example.org,x@y.z", "\u212aate@example.org", ["ada@example.org"]),
    ],
)
def test_what_only_looks_like_an_address_is_none(email: object) -> None:
    assert recognise(CLAIMS | {"email": email, "email_verified": True}) == BY_NUMBER


@pytest.mark.parametrize(
    "claims",
    [
        *({}, {"sub": "17"}, {"iss": "https://x"}, {"email": "ada@example.org"}),
        {"sub": "ada", "iss": "example.org"},  # which would be called like another's address
    ],
)
def test_whom_the_provider_does_not_name_is_refused(claims: dict[str, object]) -> None:
    with pytest.raises(NotAllowed, match="did not say who you are"):
        recognise(claims)


def test_a_role_ends_with_its_line_in_the_settings(data_folder: Path) -> None:
    claims = CLAIMS | {"email_verified": True}
    assert recognise(claims).is_maintainer
    say(data_folder, "maintainers = []")
    assert not recognise(claims).is_maintainer


def test_whoever_has_no_verified_address_submits_and_takes_back_their_own() -> None:
    ledger = open_ledger()
    number = submit(ledger, ASKED, recognise(CLAIMS))
    of_ada = submit(ledger, ASKED, recognise(CLAIMS | {"email_verified": True}))
    with pytest.raises(NotAllowed, match="is no maintainer"):
        upkeep.cancel(ledger, of_ada, recognise(CLAIMS), "mine, I say")
    upkeep.cancel(ledger, number, recognise(CLAIMS), "mine")
    assert find(ledger, number).state == "cancelled"
    ledger.close()
