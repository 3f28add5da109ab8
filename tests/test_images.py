"""The Dockerfile: what is in which image, who runs it, and whether it says how it is."""

import json
import platform
import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.test_architecture import PACKAGES, imports_of, source_files
from tests.test_requirements import distributions_of, normal, required, with_their_own
from warehouse.ledger import workers
from warehouse.ledger.opening import open_ledger

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
LIGHT = ("dashboard", "ingest", "warehouse")
"""What runs in the image without torch, beside what ingest takes of the evaluator."""
HEAVY = {"torch", "transformers", "tokenizers", "safetensors", "accelerate", "peft", "ray"}


def read_stages() -> dict[str, str]:
    """The text of each stage by its name, in their order; continued lines are one."""
    text = DOCKERFILE.replace("\\\n", "")
    parts = re.split(r"^FROM (\S+) AS (\S+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[1::3], parts[2::3], strict=True))


STAGES = read_stages()


def read_health(stage: str) -> list[str]:
    """The command that says whether a container is well."""
    [command] = re.findall(r"^HEALTHCHECK .*?CMD (\[.*\])$", STAGES[stage], re.MULTILINE)
    words: list[str] = json.loads(command)
    return words


def left_out() -> set[str]:
    [names] = re.findall(r'--invert-match "\^\(([^)]+)\)=="', STAGES["light-packages"])
    return {normal(name) for name in names.split("|")}


def reached(folders: tuple[str, ...]) -> set[Path]:
    """Our files that these folders import, in turn, and their own."""
    known, left = set[Path](), {path for folder in folders for path in source_files(folder)}
    while left:
        known.add(path := left.pop())
        for name in imports_of(path):
            words = name.split(".")
            ours = (REPOSITORY.joinpath(*words[:end]).with_suffix(".py") for end in (2, 3, 4))
            left |= {one for one in ours if words[0] in PACKAGES and one.is_file()} - known
    return known


def test_the_light_image_has_all_that_its_programs_import() -> None:
    files = reached(LIGHT)
    imported = {name.partition(".")[0] for path in files for name in imports_of(path)}
    kept = with_their_own(required() - left_out())
    assert distributions_of(imported) - kept == set()
    assert {path.parent.name for path in files} >= {"evaluator"}
    assert not any("engines" in path.relative_to(REPOSITORY).parts[:2] for path in files)


def test_the_light_image_has_nothing_heavy() -> None:
    assert left_out() <= required()
    assert with_their_own(required() - left_out()) & HEAVY == set()


def test_nobody_is_root_and_nothing_that_builds_is_left() -> None:
    assert list(STAGES)[-2:] == ["worker", "dashboard"], "a Space builds the last"
    for name in ("worker", "dashboard"):
        stage = STAGES[name]
        assert "\nUSER leaderboard\n" in stage
        assert "RUN" not in stage
        assert stage.index("COPY --from=program") < stage.index("USER")
    assert "python3-venv" not in STAGES["base"]
    assert "pip uninstall" in STAGES["light-packages"]


def test_only_the_program_goes_into_an_image() -> None:
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    taken = {line[1:] for line in lines if line.startswith("!")}
    assert taken == {*PACKAGES, "requirements.txt", "LICENSE", ".streamlit/config.toml"}
    assert all((REPOSITORY / one).exists() for one in taken)


def test_a_worker_is_well_while_the_ledger_hears_of_it(data_folder: Path) -> None:
    ledger, [_, _, script] = open_ledger(), read_health("worker")
    assert data_folder.exists()

    def ends_with() -> object:
        with pytest.raises(SystemExit) as left:
            exec(script, {})
        return left.value.code

    workers.report(ledger, "worker elsewhere:7", "worker")
    assert ends_with() == 1
    workers.report(ledger, f"worker {platform.node()}:7", "worker")
    assert ends_with() == 0
    ledger.close()


def test_a_dashboard_is_well_while_it_answers() -> None:
    script = read_health("dashboard")[2]
    [port] = re.findall(r"^EXPOSE (\d+)$", STAGES["dashboard"], re.MULTILINE)
    assert f"http://127.0.0.1:{port}/_stcore/health" in script
    compile(script, "HEALTHCHECK", "exec")
