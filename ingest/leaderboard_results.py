"""Reads the result files of a Hugging Face leaderboard into published scores.

The layout is that of openlifescienceai/results: `<org>/<model>/results_<time>.json`, as
lm-evaluation-harness wrote them, older ones with bare `acc`. Numbers that people put in by hand
have no standard error, and mostly lie in `<model>/`. What is found becomes a CSV file of the kind
that `reported.py` loads, so that a rebuild has it too.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from evaluator.tasks import NINE, TASKS
from ingest.bounded import find_files, read_document, read_each
from ingest.errors import NothingToImport, UnreadableFile
from ingest.foreign import Wanted
from ingest.recognising import Item, finite, item, recognise_task, text
from ingest.reported import COUNTED
from warehouse.text import printable

FILE = re.compile(r"results_.*\.json")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ _T](\d\d)[:_-](\d\d)[:_-](\d\d(?:\.\d+)?)")
ACCURACY = ("acc,none", "acc")
CHECKPOINT = "-checkpoint.json"
"""What Jupyter leaves beside a file that was edited."""
COLUMNS = (
    "model",
    "task",
    "accuracy",
    "protocol",
    "origin",
    "suspect",
    "note",
    "source_url",
    "fault",
)
BY_HAND = "no standard error: entered by hand"
ROUNDING = Decimal("1e-6")


@dataclass(frozen=True)
class Result:
    """What one file says of one task."""

    model: str
    task: str
    accuracy: object
    """As it stands in the file: whether it is a share is judged when it is loaded."""
    protocol: str
    time: str
    """Digits and dashes that sort by time; empty where the file's name has none."""
    file: str
    """Its path inside the folder."""
    doubts: tuple[str, ...]


def write_reported(
    folder: Path, source: str, *, links: bool = False
) -> tuple[str, list[tuple[Path, str]]]:
    """Return the folder's scores as the text of a CSV file, and the files refused, with the reason.

    The refused are in the CSV too, a row with a `fault` each, for the quarantine.
    `source` is the web address of the folder, `links` what `find_files` says. Of several files for
    a model and task the newest counts, and the note says how many older ones there are. Raises
    `NothingToImport`.
    """
    files = [
        path
        for path in find_files(folder, (".json",), links=links)
        if FILE.fullmatch(path.name) and not path.name.endswith(CHECKPOINT)
    ]
    if not files:
        raise NothingToImport(f"{folder} has no file named results_<time>.json.")
    results, refused = read_each(files, lambda path: read_results(path, path.relative_to(folder)))
    found: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        found.setdefault((result.model, result.task), []).append(result)
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    order = {task: place for place, task in enumerate(TASKS)}
    for _, rivals in sorted(found.items(), key=lambda each: (each[0][0], order[each[0][1]])):
        writer.writerow(as_row(rivals, source))
    for path, fault in refused:
        said = {"note": path.relative_to(folder).as_posix(), "fault": fault}
        writer.writerow(as_cells(said))
    return table.getvalue(), refused


def read_results(path: Path, inside: Path) -> Iterator[Result]:
    """Yield the scores of our tasks in one file; raises `UnreadableFile`."""
    document = read_document(path)
    config, scores = item(document.get("config")), item(document.get("results"))
    model = "/".join(inside.parts[:-1])
    if not 1 <= len(inside.parts[:-1]) <= 2:
        raise UnreadableFile(f"{path}: expected <organisation>/<model>/{path.name}.")
    if not scores:
        raise UnreadableFile(f"{path} has no results: expected an object with a score a task.")
    named = TIME.search(path.name)
    time = "-".join(named.groups()) if named else ""
    tasks = {name: recognise_task(name, Wanted()) for name in scores}
    ours = {name: task for name, task in tasks.items() if task and task.name in NINE}
    if not ours:
        raise UnreadableFile(f"{path} scores {', '.join(tasks)[:200]}: no task here.")
    for name, task in ours.items():
        score = item(scores[name])
        accuracy = next((score[key] for key in ACCURACY if key in score), None)
        measured = any(finite(score.get(f"acc_stderr{end}")) is not None for end in (",none", ""))
        doubts = (
            None if measured else BY_HAND,
            find_other_name(config, model),
            find_rounding(accuracy, task.size),
        )
        yield Result(
            model=model,
            task=task.name,
            accuracy=accuracy,
            protocol=name_protocol(document, name) if measured else name_paper(model),
            time=time,
            file=inside.as_posix(),
            doubts=tuple(doubt for doubt in doubts if doubt),
        )


def name_protocol(document: Item, name: str) -> str:
    """`loglikelihood 0-shot` where the file says no other number: so this leaderboard asked."""
    config = item(document.get("config"))
    said = item(document.get("n-shot")).get(name, config.get("num_fewshot"))
    shots = 0 if said is None else said
    known = type(shots) is int and 0 <= shots < 100
    chat = " chat" if document.get("chat_template") else ""
    return f"loglikelihood {shots if known else 'unknown'}-shot{chat}"


def name_paper(model: str) -> str:
    """How a number entered by hand was asked, where the model's name says it: `GPT-4 (5-shot)`."""
    shots = re.search(r"\((\d+-shot)\)", model)
    return f"paper-reported {shots[1]}" if shots else "entered by hand"


def find_other_name(config: Item, model: str) -> str | None:
    """A doubt where the file names another model than the folder that it lies in."""
    arguments = config.get("model_args")
    loaded = re.search(r"pretrained=([^,]+)", arguments) if isinstance(arguments, str) else None
    named = [text(config.get("model_name")), loaded[1] if loaded else None]
    others = [name.strip() for name in named if name and name.strip()]
    if not others or model.lower() in (name.lower() for name in others):
        return None
    return f"the file names the model {others[0][:100]}"


def find_rounding(accuracy: object, size: int) -> str | None:
    """A doubt where `size` questions cannot give this accuracy, as exact as it is written."""
    share = finite(accuracy)
    if share is None or not 0 <= share <= 1:
        return None
    written = Decimal(repr(share))
    exact = Decimal(10) ** int(written.as_tuple().exponent) / 2
    right = written * size
    if abs(right - right.to_integral_value()) <= exact * size + ROUNDING:
        return None
    return f"no number of right answers to {size:,} questions gives it"


def as_row(results: list[Result], source: str) -> dict[str, str]:
    """The newest of the results for one model and task, with what is to be known of it."""
    newest = max(results, key=lambda result: (result.time, result.file))
    accuracy = str(newest.accuracy)
    rivals = {str(result.accuracy) for result in results if result.time == newest.time}
    older = sum(result.time < newest.time for result in results)
    doubts = [*newest.doubts, *(["several scores of one time"] if len(rivals) > 1 else [])]
    notes = [Path(newest.file).name, *doubts]
    if older:
        notes.append(f"{older} older file{'s' if older > 1 else ''} passed over")
    row = {
        "model": newest.model,
        "task": newest.task,
        "accuracy": accuracy if len(accuracy) <= 40 else f"{accuracy[:40]}…",
        "protocol": newest.protocol,
        "origin": COUNTED,
        "suspect": str(bool(doubts)).lower(),
        "note": "; ".join(notes),
        "source_url": f"{source}/{quote(newest.model, errors='replace')}",
    }
    return as_cells(row)


def as_cells(row: dict[str, str]) -> dict[str, str]:
    """Text that UTF-8 and a CSV file hold: a carriage return would part a row in two."""
    return {name: printable(value.encode(errors="replace").decode()) for name, value in row.items()}
