"""What readers do on the pages: each event with its page, its widget and ever other values."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tests.benchmarks.sessions import Answer, Query, Reader, Value
from warehouse import db

LEADERBOARD = ""  # its path
WORDS = (
    *("fever", "pain", "blood", "heart", "child", "pressure", "history", "nerve", "muscle"),
    *("infection", "therapy", "artery", "kidney", "liver", "lung", "drug", "bone", "skin"),
    *("cell", "disease", "pregnant", "cancer", "vein", "acid", "tooth", "eye", "gene", "diet"),
)
MIX = {"score": "Your case mix"}
OWN_MIX = "medmcqa/Surgery:60;pubmedqa/:10;medqa_4options/:{}"
REASONS = ("Choice twice", "Other key", "Same elsewhere")
SIZES = ("0", "1B", "3B", "10B", "30B", "100B", "any")


class Ground(NamedTuple):
    """What is in the warehouse for events to be about."""

    runs: list[str]
    models: list[str]
    labs: list[str]
    tasks: list[str]
    """Titles."""
    questions: list[str]
    """Addresses of cases."""


MakeQuery = Callable[[Ground, int], Query]
MakeValue = Callable[[Ground, int], Value]


class Event(NamedTuple):
    """An interaction: a page is opened, or a widget of it is changed."""

    name: str
    page: str
    query: MakeQuery = lambda *_: {}
    """The address of the page; the number is another at each repetition."""
    key: str = ""
    """The widget that is changed; empty where opening the page is what is measured."""
    value: MakeValue = lambda *_: ""
    by_a_newcomer: bool = False
    """Whether the reader's browser has nothing yet of what the server would send again."""


def pick(values: Sequence[str], number: int, step: int = 1) -> str:
    return values[number * step % len(values)]


def one_run(ground: Ground, number: int) -> Query:
    return {"run": pick(ground.runs, number, 7)}


def runs(count: int, **more: str) -> MakeQuery:
    return lambda ground, number: {
        "runs": [pick(ground.runs, number * count + place, 11) for place in range(count)],
        **more,
    }


def part(**address: str) -> MakeQuery:
    return lambda *_: address


def always(value: Value) -> MakeValue:
    return lambda *_: value


def word(_: Ground, number: int) -> Value:
    return pick(WORDS, number)


def chart(name: str) -> Event:
    return Event(
        f"charts: {name.lower()}",
        "charts",
        lambda ground, number: {"chart": name, "score": pick(ground.tasks, number)},
    )


ON_LEADERBOARD = (
    Event("leaderboard: newcomer", LEADERBOARD, by_a_newcomer=True),
    Event("leaderboard", LEADERBOARD),
    Event("leaderboard: search", LEADERBOARD, key="find", value=lambda g, n: pick(g.labs, n)),
    Event("leaderboard: typed field", LEADERBOARD, key="find", value=lambda _, n: f"size:<{n + 1}"),
    Event("leaderboard: lab", LEADERBOARD, key="orgs", value=lambda g, n: [pick(g.labs, n)]),
    Event(
        "leaderboard: weights",
        LEADERBOARD,
        key="sizes",
        value=lambda _, n: [SIZES[n % 3], SIZES[3 + n % 4]],
    ),
    Event(
        "leaderboard: quick filter",
        LEADERBOARD,
        key="presets",
        value=always(["Open weights under 10B"]),
    ),
    Event("leaderboard: rank by", LEADERBOARD, key="score", value=lambda g, n: pick(g.tasks, n)),
    Event("leaderboard: pin", LEADERBOARD, key="pin", value=lambda g, n: [pick(g.models, n, 13)]),
    Event(
        "leaderboard: columns", LEADERBOARD, key="columns", value=lambda g, n: [pick(g.tasks, n)]
    ),
    Event("leaderboard: own mix", LEADERBOARD, lambda _, n: MIX | {"mix": OWN_MIX.format(n + 1)}),
)
OF_ONE_MODEL = (
    Event("model", "model", one_run),
    *(
        Event(f"model: {name.lower()}", "model", one_run, "part", always(name))
        for name in (
            "Strengths and weaknesses",
            "Calibration",
            "Surest mistakes",
            "Runs",
            "Receipt",
        )
    ),
    Event("errors", "errors", one_run),
    Event("errors: search", "errors", one_run, "search", word),
    Event("errors: task", "errors", one_run, "task", lambda g, n: pick(g.tasks, n)),
    Event("errors: surest first", "errors", one_run, "sort", always("Surest first")),
    Event("errors: page forward", "errors", one_run, "page", always(2)),
    Event("case", "case", lambda g, n: {"question": pick(g.questions, n, 17), **one_run(g, n)}),
)
OF_MANY = (
    *(
        event
        for count in (2, 6)
        for event in (
            Event(f"compare {count}", "compare", runs(count)),
            *(
                Event(
                    f"compare {count}: {name.lower()}",
                    "compare",
                    runs(count),
                    "topic",
                    always(name),
                )
                for name in ("Questions", "Mistakes", "Settings")
            ),
        )
    ),
    Event("compare 2: page forward", "compare", runs(2, topic="Questions"), "at", always(2)),
    Event(
        "compare 2: best 60",
        "compare",
        runs(2, topic="Mistakes"),
        "group",
        always("The best 60 of the lane"),
    ),
    *map(chart, ("Subjects", "Size", "Time", "Scores", "Markings")),
    Event(
        "charts: questions",
        "charts",
        lambda g, n: {"chart": "Questions", "task": pick(g.tasks, n)},
    ),
    Event(
        "charts: nobody right", "charts", part(chart="Questions"), "mark", always("Nobody is right")
    ),
)
OF_ALL = (
    Event("data", "data"),
    Event("data: reason", "data", key="finding", value=lambda _, n: pick(REASONS, n)),
    Event("featured", "featured"),
    Event("about", "about"),
    Event("sql", "sql"),
)
EVENTS = (*ON_LEADERBOARD, *OF_ONE_MODEL, *OF_MANY, *OF_ALL)


def read_ground() -> Ground:
    """Look into the warehouse that `LEADERBOARD_DATA` names."""
    warehouse = db.open_warehouse()
    try:
        runs = warehouse.ask("runs").sort("run_id")
        tasks = warehouse.ask("tasks").filter("headline")
        keys = warehouse.ask("keys", task=tasks["task"][0])
        models = runs["model"].to_list()
        return Ground(
            runs=runs["run_id"].to_list(),
            models=models,
            labs=sorted({model.partition("/")[0] for model in models}),
            tasks=tasks["title"].to_list(),
            questions=[f"{tasks['task'][0]}/{sample}" for sample in keys["sample_id"]],
        )
    finally:
        warehouse.close()


async def begin(event: Event, reader: Reader, ground: Ground, number: int) -> Answer:
    """Go to where the event happens, by way of a page without widgets.

    Else a widget would keep what was chosen before, whatever the new address says.
    """
    answer = await reader.visit("featured" if event.page == "about" else "about")
    if event.key:
        return await reader.visit(event.page, event.query(ground, number))
    return answer


async def perform(event: Event, reader: Reader, ground: Ground, number: int) -> Answer:
    """Do what the event is."""
    if event.key:
        return await reader.choose(event.key, event.value(ground, number))
    return await reader.visit(event.page, event.query(ground, number))
