"""Which server is asked, how, and who answers there: cheap, as `models.py` is for local models."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, get_args
from urllib.parse import urlsplit

import click

from evaluator import progress, runs
from evaluator.asking import OpenModel
from evaluator.errors import BadAddress, NoKey
from evaluator.papers import Paper
from evaluator.protocols import Protocol
from evaluator.records import Model, ModelType, Plan

KEY = "OPENAI_API_KEY"
SECRET = 8  # characters of the shortest key that is one
DATE = "date:"
"""What the revision of a model begins with of which only the day is known."""
RESUMED = timedelta(days=7)
"""For so long a run is resumed whose model is known by the day on which it was begun."""
NO_PRICE = "--price-in and --price-out go together: dollars per million tokens read and written."


@dataclass(frozen=True)
class Server:
    """A server that speaks OpenAI's API, and how it is asked."""

    base_url: str
    key_variable: str | None = None
    """Of the environment; None where `OPENAI_API_KEY` is used if it is set."""
    at_once: int = 8
    """Questions."""
    per_minute: float | None = None
    """Requests."""
    timeout: float = 600
    """Seconds for one request."""
    retries: int = 8
    prices: tuple[float, float] | None = None
    """US dollars per million tokens read and written."""

    def __post_init__(self) -> None:
        """Raises `BadAddress` without repeating what may be a secret."""
        try:
            parts = urlsplit(self.base_url)
            known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            parts, known = urlsplit(""), None
        if parts.username is not None or parts.query or parts.fragment:
            raise BadAddress(
                "--base-url has a name, a password or something behind ? or # in it, which would "
                f"be written down with the run. Put the key into the environment as {KEY}, or "
                "name its variable with --key-variable."
            )
        if not known:
            raise BadAddress("--base-url is no address such as http://localhost:8000/v1.")
        if self.key_variable and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.key_variable):
            raise BadAddress("--key-variable is no name of a variable. It never takes the key.")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def key(self) -> str | None:
        """The key, if one is needed; raises `NoKey`."""
        key = os.environ.get(self.key_variable or KEY, "").strip()
        if self.key_variable and not key:
            named = self.key_variable if self.key_variable.isupper() else "variable of that name"
            raise NoKey(f"The environment has no {named}, which is to hold the key.")
        return key or None

    def hide(self, text: str) -> str:
        """Take the key out of a text; a short one is a word that stands for none."""
        key = self.key or ""
        return text.replace(key, f"<{self.key_variable or KEY}>") if len(key) >= SECRET else text


server_settings = (
    click.option("--base-url", help="Of a server's API, such as http://localhost:8000/v1."),
    click.option(
        "--key-variable",
        help=f"The variable of the environment that holds the key.  [default: {KEY}]",
    ),
    click.option("--at-once", type=click.IntRange(1, 512), help="Questions.  [default: 8]"),
    click.option(
        "--per-minute", type=click.FloatRange(0, min_open=True), help="Requests, at most."
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        help="Seconds for one request.  [default: 600]",
    ),
    click.option(
        "--retries",
        type=click.IntRange(0, 100),
        help="Of a request that fails, ever longer after each other.  [default: 8]",
    ),
    click.option(
        "--price-in", type=click.FloatRange(0), help="US dollars per million tokens read."
    ),
    click.option(
        "--price-out", type=click.FloatRange(0), help="US dollars per million tokens written."
    ),
)
type_option = click.option(
    "--type",
    "kind",
    type=click.Choice(("unknown", "closed", "open weights")),
    default="unknown",
    show_default=True,
    help="What a server's model is; what is loaded here has open weights.",
)
NAMES = (
    *("base_url", "key_variable", "at_once", "per_minute"),
    *("timeout", "retries", "price_in", "price_out"),
)


def server_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a server, which it gets as one `server`, None without any."""

    @wraps(command)
    def packed(**given: Any) -> None:
        own = {name: given.pop(name) for name in NAMES}
        command(**given, server=read_server(own))

    for option in reversed(server_settings):
        packed = option(packed)
    return packed


def read_server(given: dict[str, Any]) -> Server | None:
    said = {name: value for name, value in given.items() if value is not None}
    if said and "base_url" not in said:
        raise click.UsageError(f"--{min(said).replace('_', '-')} goes with --base-url.")
    prices = [said.pop(name) for name in ("price_in", "price_out") if name in said]
    if len(prices) == 1:
        raise click.UsageError(NO_PRICE)
    return Server(**said, prices=(prices[0], prices[1]) if prices else None) if said else None


def check_engine(
    engine: str, server: Server | None, weights: str, base: str | None, precision: str
) -> None:
    """Refuse options of the other engine."""
    if (engine == "endpoint") != (server is not None):
        raise click.UsageError("--engine endpoint and --base-url go together.")
    if server and (weights != "original" or base or precision != "auto"):
        raise click.UsageError("--weights, --base and --precision are the server's own affair.")


def describe(name: str, revision: str | None, kind: str) -> Model:
    """Who answers: what a server runs is pinned by nobody, so that the day stands for it."""
    known: ModelType = next(one for one in get_args(ModelType) if one == kind)
    today = datetime.now(UTC).date()
    return Model(name=name, revision=revision or f"{DATE}{today.isoformat()}", type=known)


def plan_run(
    model: Model, protocol: Protocol, papers: Sequence[Paper], *, again: bool = False
) -> Plan:
    """Return the plan of a run, or that of the same run which an earlier day began."""
    plan = runs.plan_run(model, None, protocol, papers)
    today = read_date(model.revision)
    if today is None:
        return plan
    begun = []
    for folder, earlier in progress.unfinished():
        day = read_date(earlier.model.revision)
        if day is None or not timedelta(0) <= today - day <= RESUMED:
            continue
        there = model.model_copy(update={"revision": earlier.model.revision})
        same = plan.model_copy(update={"model": there})
        first = folder.name == same.run_id  # else it is one that is made --again
        if earlier.identity == same.identity and (again or first):
            begun.append((day, same))
    return max(begun, key=lambda found: found[0])[1] if begun else plan


def read_date(revision: str) -> date | None:
    """The day that stands for a revision."""
    try:
        return date.fromisoformat(revision.removeprefix(DATE)) if DATE in revision else None
    except ValueError:
        return None


def open_server(
    model: Model, server: Server, protocol: Protocol, deadline: float | None = None
) -> OpenModel:
    """Return how `model` is asked at `server`."""
    from evaluator import endpoint  # the client takes a second to import

    return endpoint.open_server(model, server, protocol, deadline)
