"""Asks the lake's catalogue itself, PostgreSQL: what is published, and whose turn it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import psycopg
from psycopg import conninfo
from psycopg.pq import Conninfo

from warehouse.errors import LakeUnreachable, WarehouseInUse

HERE = Path(__file__).parent
PREFIX = "ducklake:postgres:"
"""How the address of a lake begins; what PostgreSQL is found by follows."""
LEADERBOARD = 0x6C6D6564
"""Keeps our locks apart from those of other programs in the same database."""
WRITING, WATCHING = 1, 2
ALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""Seconds and, the last, milliseconds, after which the other end of a connection counts as gone."""
PATIENCE = 600
"""Seconds to wait for others to have written."""


class Version(NamedTuple):
    """What was published: DuckLake counts all that was done to it, and the number only that."""

    number: int
    version: int


class Catalogue:
    """A connection to the catalogue, which is opened when it is needed, and again when it broke.

    Safe to share between threads.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        """As libpq reads it: `dbname=lake host=db`, or one that begins with postgresql://."""
        told = conninfo.conninfo_to_dict(address)
        self.password = str(told.get("password") or "")
        hidden = {one.keyword.decode() for one in Conninfo.get_defaults() if one.dispchar == b"*"}
        self.name = conninfo.make_conninfo(
            "", **{key: value for key, value in told.items() if key not in hidden}
        )
        """The address without what is secret in it, which connections alone are told."""
        self._connection: psycopg.Connection[Any] | None = None
        self._lock = Lock()

    def list_versions(self) -> list[Version]:
        """What was published and is still kept, oldest first; nothing where there is no lake."""
        return [Version(*row) for row in self._ask("versions")]

    def list_expired(self, keep: int) -> list[int]:
        """The versions that nobody needs where only the newest `keep` are kept."""
        return [version for (version,) in self._ask("expired", keep=keep)]

    def last_number(self) -> int:
        """The greatest number that a snapshot ever had; 0 where none had one."""
        return max((number or 0 for (number,) in self._ask("last_number")), default=0)

    def give_number(self, turn: psycopg.Connection[Any], number: int) -> None:
        """Note that a snapshot is to have the number."""
        turn.execute(read("make_numbers"))
        turn.execute(read("give_number"), {"number": number})

    def withdraw(self, said: str) -> bool:
        """Take back that a commit published what is `said`; returns whether it had."""
        return bool(self._ask("withdraw", said=said))

    def files(self) -> str | None:
        """Where the lake's Parquet files are: a folder, or an address of S3."""
        return next((str(place) for (place,) in self._ask("files")), None)

    def size(self, version: int) -> int:
        """Bytes of the files that a version reads."""
        return sum(size for (size,) in self._ask("size", version=version))

    def _ask(self, query: str, **parameters: int | str) -> list[Any]:
        """The rows of a query; none where there is no lake. A broken connection is made anew."""
        with self._lock:
            for attempt in range(2):
                try:
                    if self._connection is None or self._connection.closed:
                        self._connection = self._connect()
                    return self._connection.execute(read(query), parameters or None).fetchall()
                except psycopg.errors.UndefinedTable:
                    return []
                except psycopg.Error as error:
                    self._connection = None
                    if attempt or not isinstance(error, psycopg.OperationalError):
                        raise self._unreachable(error) from error
        raise AssertionError("the second attempt returns or raises")

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.address, autocommit=True, **ALIVE)

    def _unreachable(self, error: psycopg.Error) -> LakeUnreachable:
        return LakeUnreachable(
            f"The lake's catalogue {self.name} cannot be reached ({str(error).strip()}). Look to "
            "PostgreSQL and to LEADERBOARD_WAREHOUSE."
        )

    @contextmanager
    def locked(self, what: int, busy: str, patience: int = 0) -> Iterator[psycopg.Connection[Any]]:
        """Let one process at a time go on, whatever machine it is on; a killed one lets go.

        Others wait for `patience` seconds. Raises `WarehouseInUse`, which says `busy`, and
        `LakeUnreachable`.
        """
        try:
            with self._connect() as turn:
                turn.execute(f"set lock_timeout = {max(1000 * patience, 1)}")
                for setting in ("idle", "interval", "count"):  # PostgreSQL lets the dead go, too
                    value = ALIVE[f"keepalives_{setting}"]
                    turn.execute(f"set tcp_keepalives_{setting} = {value}")
                turn.execute("select pg_advisory_lock(%s, %s)", (LEADERBOARD, what))
                yield turn
        except psycopg.errors.LockNotAvailable as error:
            raise WarehouseInUse(busy) from error
        except psycopg.Error as error:
            raise self._unreachable(error) from error


@cache
def read(query: str) -> str:
    """The statement of a file here."""
    return (HERE / f"{query}.sql").read_text(encoding="utf-8")
