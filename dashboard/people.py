"""Who is here? Asked anew by each page, and decided by the server alone."""

import streamlit as st

from dashboard import local_use, sign_in, wording
from warehouse.errors import WarehouseError
from warehouse.ledger.people import LOCAL, Person, recognise


def who_is_here() -> Person | None:
    """The reader of this page; None for whoever is not signed in, or cannot be recognised."""
    if local_use.served.is_set():
        return LOCAL
    try:
        return recognise_reader()
    except WarehouseError:  # which the top of the page tells
        return None


def recognise_reader() -> Person | None:
    """Raises `NotAllowed` where the identity provider names nobody, and `BrokenSettings`."""
    claims = st.user.to_dict()
    return recognise(claims) if claims.get("is_logged_in") is True else None


def show_account() -> None:
    """Who is here, and the way in or out; nothing where nobody can sign in."""
    if local_use.served.is_set():
        st.caption(f":material/key: {wording.LOCAL_USE}", width="content")
    elif not sign_in.is_offered():
        return
    elif st.user.to_dict().get("is_logged_in") is True:
        show_reader()
        st.button(
            "Sign out",
            key="sign-out",
            type="tertiary",
            icon=":material/logout:",
            on_click=st.logout,
        )
    else:
        st.button(
            "Sign in", key="sign-in", type="tertiary", icon=":material/login:", on_click=st.login
        )


def show_reader() -> None:
    try:
        person = recognise_reader()
    except WarehouseError as error:
        st.text(f"You could not be recognised. {error}", width="content")
        return
    if person:
        name = f"{person.name} · maintainer" if person.is_maintainer else person.name
        by_number = "://" in person.name
        st.text(name, help=wording.NOT_VERIFIED if by_number else None, width="content")
