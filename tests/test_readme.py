"""What the README says is so."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluator.baselines import BASELINES
from evaluator.tasks import CATALOGUE, NINE, TASKS
from tests.benchmarks.evaluator import Result, as_table

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"python -m (\w+ [a-z-]+)", README)))


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 160


def test_every_picture_and_file_it_names_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert links == ["docs/leaderboard.png"]
    assert all((REPOSITORY / link).is_file() for link in links)
    assert (REPOSITORY / "ingest" / "data" / "reported_scores.csv").is_file()


def test_every_make_target_it_names_exists() -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    benchmarks = {"bench-evaluator", "bench-dashboard"}
    assert named == {"demo", "demo-data", "test", "stress"} | benchmarks
    assert named <= targets


def test_every_folder_of_its_tree_exists() -> None:
    tree = README[README.index("evaluator/    owns") : README.index("data/         what is made")]
    folders = re.findall(r"^(\S+/) ", tree, re.MULTILINE)
    assert folders == ["evaluator/", "ingest/", "warehouse/", "dashboard/", "tests/"]
    assert all((REPOSITORY / folder).is_dir() for folder in folders)
    parent = ""
    for indent, name in re.findall(r"^( *)(\S+) ", tree, re.MULTILINE):
        if not indent:
            parent = name
        elif name.endswith((".py", ".sql", "/")):
            assert (REPOSITORY / parent / name).exists(), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_it_names_exists(command: str) -> None:
    module, subcommand = command.split()
    main = import_module(f"{module}.cli").main
    done = CliRunner().invoke(main, [subcommand, "--help"], prog_name=f"python -m {module}")
    assert done.exit_code == 0
    assert f"Usage: python -m {module} {subcommand}" in done.stdout


def test_its_numbers_are_right() -> None:
    models = len(BASELINES) + 1
    assert f"asks {['', '', '', '', 'four'][models]} embedded models" in README
    assert f"{TASKS['sample'].size} embedded questions" in README
    assert f"{sum(task.size for task in CATALOGUE if task.name in NINE):,} questions" in README
    assert len(NINE) == 9


def test_its_table_of_speeds_is_the_last_benchmark() -> None:
    record = json.loads((REPOSITORY / "tests/benchmarks/evaluator.json").read_bytes())
    results = [Result.model_validate(result) for result in record["results"]]
    assert as_table(results) in README
    assert f"{record['date']}, {record['machine']}" in README.replace("\n", " ")
