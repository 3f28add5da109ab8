"""The child process of sandbox.py: reads a statement, answers it as JSON, and ends.

It imports nothing of ours, so that it starts fast and holds nothing worth taking.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

MEMORY = 768 * 2**20
"""Bytes beside what the process has after opening the snapshot."""
DATABASE_MEMORY = "512MB"
CPU_SECONDS = 12
FILE_BYTES = 8_000_000
ANSWER_BYTES = 6_000_000
MOST_ROWS = 2_000
MOST_COLUMNS = 200
MOST_LETTERS = 4_000  # of a message
CHUNK = 100  # rows
LOCKS = {
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "allow_unsigned_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "max_temp_directory_size": "0B",
    "memory_limit": DATABASE_MEMORY,
    "secret_directory": "none",  # its default is inside the home directory, and anyone may read it
    "temp_directory": "",
    "threads": "1",
}
DATABASE = "warehouse"
TELLING = {
    "duckdb_databases",
    "duckdb_databases()",
    "pragma_database_list",
    "histogram()",
    "histogram_values()",
    "json_execute_serialized_sql()",
    "query()",
    "query_table()",
}
"""Views and table functions that tell the snapshot's folder, or read what a text names."""
DEEPEST = 10_000  # a statement's tree; DuckDB allows expressions of 1,000 parts
EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)
WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
REAL = re.compile(r"FLOAT|DOUBLE|DECIMAL.*")


class Refused(Exception):
    """The statement is not one that may run."""


def main() -> None:
    """Answer the statement of standard input; where that fails, with why."""
    sys.setrecursionlimit(DEEPEST)
    statement = json.loads(sys.stdin.buffer.read())
    answer_to = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # what DuckDB prints, such as a log, is no part of the answer
    connection = open_locked(sys.argv[1])
    lock_process()
    try:
        answer = read_rows(connection, check(connection, statement))
    except (duckdb.OutOfMemoryException, MemoryError):
        answer = {"error": "It needs more memory than a statement may have. Ask for less at once."}
    except (duckdb.IOException, duckdb.InternalError, duckdb.FatalException):
        # its own words name folders of this machine
        answer = {"error": "DuckDB failed at it. Another statement may do."}
    except (duckdb.Error, Refused, RuntimeError, ValueError) as error:
        answer = {"error": str(error)[:MOST_LETTERS]}
    text = json.dumps(answer).encode("ascii")
    while text:
        text = text[os.write(answer_to, text) :]
    os._exit(0)  # nothing is to be tidied up


def open_locked(name: str) -> duckdb.DuckDBPyConnection:
    """Open the snapshot `name` of this folder so that DuckDB itself refuses all but reading it."""
    connection = duckdb.connect(config={**LOCKS})
    # in this order: else DuckDB notes the snapshot's whole path in allowed_paths, for all to read
    connection.execute("set allowed_directories = ['/']")
    connection.execute("set enable_external_access = false")
    place = name.replace("'", "''")  # attach takes no parameter
    connection.execute(f"attach '{place}' as {DATABASE} (read_only)")
    connection.execute(f"use {DATABASE}")
    connection.execute("set disabled_filesystems = 'LocalFileSystem'")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set lock_configuration = true")
    # what conversions to Python import is imported now: later no file can be opened
    connection.execute(
        "select now(), current_date, time '1:00', interval 1 day, uuid(), 1.5, 'x'::blob, "
        "{'a': [1]}, map {1: 2}, 'infinity'::timestamp"
    ).fetchall()
    return connection


def lock_process() -> None:
    """Give up memory, time, files and connections for good."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limits = {
        resource.RLIMIT_AS: pages * resource.getpagesize() + MEMORY,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 0,  # those that are open stay so
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))
    os.nice(10)  # pages come first


def check(connection: duckdb.DuckDBPyConnection, statement: str) -> duckdb.Statement:
    """Return the one statement that it is; raises `Refused` where it could do more than read."""
    statement.encode()  # half a character, which is a ValueError, crashes DuckDB
    if "\0" in statement:
        raise Refused("A statement is text: it has a zero byte.")
    found = connection.extract_statements(statement)
    if len(found) != 1:
        raise Refused(f"One statement at a time: there are {len(found)}.")
    kind, text = found[0].type, found[0].query
    if kind == duckdb.StatementType.EXPLAIN:
        text = EXPLAIN.sub("", text, count=1)
        inner = connection.extract_statements(text)
        kind = inner[0].type if len(inner) == 1 else kind
    if kind != duckdb.StatementType.SELECT:
        raise Refused(
            f"{kind.name.replace('_', ' ')} is not answered here: only SELECT, WITH, FROM, VALUES, "
            "DESCRIBE, SUMMARIZE, SHOW, and EXPLAIN of these."
        )
    for source in sources_of(connection, text):
        if source.lower() in TELLING:
            raise Refused(f"{source} is not answered here: it could tell folders of this machine.")
    return found[0]


def sources_of(connection: duckdb.DuckDBPyConnection, text: str) -> Iterator[str]:
    """Name what a reading statement reads from: tables and views `name`, functions `name()`."""
    parsed = connection.execute("select json_serialize_sql($1)", [text]).fetchall()[0][0]
    tree = json.loads(parsed)
    if tree["error"]:
        raise Refused(str(tree["error_message"]))
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if node.get("type") == "TABLE_FUNCTION":
                yield f"{node['function']['function_name']}()"
            if "table_name" in node:
                yield node["table_name"]
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)


def read_rows(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> dict[str, Any]:
    """The statement's first rows, a column a list, and whether there were more."""
    result = connection.execute(statement)
    description = result.description or []
    if len(description) > MOST_COLUMNS:
        raise Refused(f"At most {MOST_COLUMNS} columns: there are {len(description)}.")
    rows: list[list[Any]] = []
    size, cut = 0, False
    kinds = [kind_of(str(column[1])) for column in description]
    while not cut and (chunk := result.fetchmany(CHUNK)):
        for values in chunk:
            row = [plain(value, kind) for value, kind in zip(values, kinds, strict=True)]
            size += len(json.dumps(row))
            if cut := size > ANSWER_BYTES or len(rows) == MOST_ROWS:
                break
            rows.append(row)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in kinds]
    for number, kind in enumerate(kinds):
        if kind == "whole" and any(v is not None and abs(v) >= 2**63 for v in columns[number]):
            kinds[number] = "real"
    names = [column[0] for column in description]
    return {"names": names, "kinds": kinds, "columns": columns, "cut": cut}


def kind_of(column_type: str) -> str:
    """How a column travels: as whole, real, truth or text."""
    if WHOLE.fullmatch(column_type):
        return "whole"
    if REAL.fullmatch(column_type):
        return "real"
    return "truth" if column_type == "BOOLEAN" else "text"


def plain(value: Any, kind: str) -> Any:
    if value is None or kind in ("whole", "truth"):
        return value
    if kind == "real":
        return float(value)
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, default=str, ensure_ascii=False, skipkeys=True)
    return str(value)


if __name__ == "__main__":
    main()
