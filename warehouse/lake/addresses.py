"""From an address of a lake to its store. An address may have a password, and is never repeated."""

from functools import cache

import psycopg
from psycopg import conninfo

from warehouse.errors import BrokenSettings
from warehouse.lake.catalogue import PREFIX, Catalogue
from warehouse.lake.store import LakeStore


def open_lake(place: str) -> LakeStore:
    """The lake that `ducklake:postgres:…` names; raises `BrokenSettings` where it names none."""
    address = place.removeprefix(PREFIX)
    if address == place or not is_readable(address):
        # what libpq says of it may repeat a part of the password
        raise BrokenSettings(
            "The address of the lake cannot be read. Expected ducklake:postgres: and what "
            "PostgreSQL is found by, as in ducklake:postgres:dbname=lake host=db. In a "
            "postgresql:// address, what is special in a password is to be written as %2F for /."
        )
    return opened(address)


def is_readable(address: str) -> bool:
    try:
        told = conninfo.conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        return False
    # a / or @ in a password that is not written as %2F or %40 ends up here
    return not set("/@:") & set(str(told.get("dbname"))) and "@" not in str(told.get("host"))


@cache
def opened(address: str) -> LakeStore:
    """One for all threads, with one connection to the catalogue."""
    return LakeStore(Catalogue(address))
