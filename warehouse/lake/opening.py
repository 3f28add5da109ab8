"""Opens a lake with DuckDB: its extensions, the keys of S3, and the catalogue."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import duckdb

from warehouse.errors import BrokenSettings, NoExtension
from warehouse.lake.catalogue import Catalogue
from warehouse.stores import WRITING_MEMORY, spill_folder

DATABASE = "lake"
Options = Mapping[str, str | int | bool]
"""Of `attach`, as DuckLake names them."""
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "key_id",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "session_token",
    "AWS_REGION": "region",
}
"""What others take from the environment, as DuckDB names it."""
WRITABLE: Options = {"data_inlining_row_limit": 0}
"""Small changes are files, too: what is inlined would be read through PostgreSQL, row by row."""


def open_lake(catalogue: Catalogue, files: str, options: Options) -> duckdb.DuckDBPyConnection:
    """Open the lake of the `catalogue`; table names stand for its tables.

    `files` is where its Parquet files are.
    """
    connection = duckdb.connect(config={**spill_folder(uuid4().hex)})
    try:
        # a missing table is an error, never a Python variable of that name
        connection.execute("set python_enable_replacements = false")
        if options is WRITABLE:
            connection.execute(f"set memory_limit = {quote(WRITING_MEMORY)}")
        on_s3 = files.startswith("s3://")
        for extension in ("ducklake", "postgres_scanner", *(["httpfs"] if on_s3 else [])):
            load_extension(connection, extension)
        if on_s3:
            connection.execute(make_secret())
        if catalogue.password:  # which DuckDB repeats in its errors where it is in the address
            password = quote(catalogue.password)
            connection.execute(f"create secret (type postgres, password {password})")
        attach(connection, catalogue.name, DATABASE, {"data_path": files, **options})
        use(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def attach(
    connection: duckdb.DuckDBPyConnection, address: str, name: str, options: Options
) -> None:
    said = ", ".join(f"{option} {quote(value)}" for option, value in options.items())
    place = quote(f"ducklake:postgres:{address}")
    connection.execute(f"attach {place} as {name} ({said})")


def use(connection: duckdb.DuckDBPyConnection) -> None:
    """Have table names stand for the lake's tables; each new cursor must be told."""
    connection.execute(f"use {DATABASE}")


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension of DuckDB from its package, else from where DuckDB keeps its own.

    Raises `NoExtension` where it is in neither.
    """
    found = find_spec(f"duckdb_extension_{name}")
    try:
        if found and found.origin:
            folder = Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}"
            connection.load_extension(str(folder / f"{name}.duckdb_extension"))
        else:
            connection.load_extension(name)
    except duckdb.Error as error:
        package = f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}"
        raise NoExtension(
            f"A lake needs DuckDB's extension {name}: pip install {package} ({error})."
        ) from error


def make_secret() -> str:
    """The statement that gives this connection, and no other, what S3 asks for."""
    told = {
        name: os.environ[variable]
        for variable, name in VARIABLES.items()
        if os.environ.get(variable)
    }
    if "region" not in told and (region := os.environ.get("AWS_DEFAULT_REGION")):
        told["region"] = region
    if address := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        scheme, _, place = address.partition("://")
        if scheme not in ("http", "https") or not place:
            raise BrokenSettings("AWS_ENDPOINT_URL is to begin with https:// or http://.")
        told |= {
            "endpoint": place.rstrip("/"),
            "url_style": "path",
            "use_ssl": str(scheme == "https"),
        }
    said = ", ".join(f"{name} {quote(value)}" for name, value in told.items())
    return f"create secret (type s3{', ' + said if said else ''})"


def quote(value: str | int | bool) -> str:
    """A value as SQL has it; `attach` and `create secret` take no parameters."""
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
