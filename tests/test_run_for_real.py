"""The guide for a real server: every block that it calls tested is run here."""

import os
import re
import resource
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from huggingface_hub import metadata_load

from dashboard import __main__ as dashboard
from dashboard import sign_in
from evaluator import cli as evaluator
from ingest import cli as ingest
from ingest import watch
from tests import ledgers
from tests.benchmarks.serving import serve_dashboard
from tests.conftest import REPOSITORY, ask, make_run
from tests.guide import BLOCKS, GUIDE, block, tree, type_in
from tests.test_backup import everything, fill
from warehouse import cli as warehouse
from warehouse import settings
from warehouse.ledger.opening import open_ledger

postgres = ledgers.postgres  # the fixture
UNITS = REPOSITORY / "docs" / "systemd"
NOT_MADE = ("install", "upgrade", "containers")
"""Blocks that change the machine, or want a daemon."""


def need(program: str, package: str) -> str:
    """Where a program is; a test that wants one that is missing is left out."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"no {program}; apt-get install {package}")
    return found


def test_each_block_says_whether_it_works_and_is_run_where_it_says_so() -> None:
    assert len(BLOCKS) == GUIDE.count("```") // 2
    assert {name for name, one in BLOCKS.items() if not one.marks} == set()
    untested = {name for name, one in BLOCKS.items() if one.marks[-1] == "untested"}
    assert untested == {*NOT_MADE, "space-start"}, "the Space's start is tested, the Space not"
    files = (REPOSITORY / "tests" / name for name in ("test_run_for_real.py", "test_proxies.py"))
    run = set(re.findall(r'block\(\s*"([\w-]+)"', "".join(file.read_text() for file in files)))
    assert run == BLOCKS.keys() - set(NOT_MADE)


def test_every_file_that_it_names_is_there() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", GUIDE)
    assert all((REPOSITORY / "docs" / link).exists() for link in links)
    enabled = re.findall(r"leaderboard-[a-z]+@?(?:\.\w+)?", BLOCKS["install"].text)
    named = {name if "." in name else f"{name}.service" for name in enabled}
    assert named - {path.name for path in UNITS.iterdir()} == set()


def test_the_settings_are_such_as_may_be(data_folder: Path) -> None:
    data_folder.mkdir()
    (data_folder / "settings.toml").write_text(block("settings"))
    said = settings.read_settings()
    assert said.maintainers == ["you@example.org"]
    assert said.reviewers.emails == ["dr.ada@example.org"]


def test_the_dashboard_may_have_as_many_files_open_as_its_machine_allows() -> None:
    kept = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
        dashboard.allow_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, kept)


def test_the_secrets_are_such_as_may_be() -> None:
    auth = tomllib.loads(block("secrets"))["auth"]
    sign_in.check_auth(auth)
    assert tuple(auth) == sign_in.KEYS


@pytest.mark.slow
def test_the_first_runs_are_there(data_folder: Path) -> None:
    said = type_in(block("first-runs"))
    assert "Snapshot 2 keeps every rule." in said
    assert data_folder.exists()


@pytest.mark.slow
def test_what_is_backed_up_comes_back(demo: Path, tmp_path: Path) -> None:
    ledger = open_ledger()
    fill(ledger)
    written, shown = everything(ledger), ask("leaderboard_rows")
    ledger.close()
    backups, elsewhere, drill = (tmp_path / name for name in ("backups", "elsewhere", "drill"))
    for folder in (backups, elsewhere):
        folder.mkdir()
    need("rsync", "rsync")
    places = {"/var/lib/leaderboard-backups": backups, "/var/lib/leaderboard/data": demo}
    type_in(block("backup", places | {"/mnt/elsewhere": elsewhere}))
    kept = {name.partition("/")[0] for name in tree(elsewhere / "data")}
    assert kept == {"runs", "samples", "reported"}
    said = type_in(block("restore", {"/mnt/elsewhere": elsewhere, "/tmp/drill": drill}))
    assert "keeps every rule" in said
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(drill / "data"))
        restored = open_ledger()
        assert everything(restored) == written
        restored.close()
        assert ask("leaderboard_rows").equals(shown)


@pytest.mark.slow
def test_a_rebuild_and_the_way_back(demo: Path) -> None:
    assert "Rebuilt with 3 runs (snapshot 2)" in type_in(block("rebuild"))
    assert settings.data_folder() == demo
    type_in(block("roll-back"))
    assert (demo / "warehouse" / "current").read_text() == "1\n"


def test_the_sweep_takes_what_is_old_and_no_more(demo: Path) -> None:
    old, new = 1_000_000_000, None
    for name, age in {"logs/1-1.log": old, "logs/2-1.log": new}.items():
        path = demo / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("said")
        if age:
            os.utime(path, (age, age))
    for name, age in {"old": old, "new": new}.items():
        folder = demo / "models" / name
        folder.mkdir(parents=True)
        (folder / "weights").touch()
        if age:
            os.utime(folder, (age, age))
    before = tree(demo)
    said = type_in(block("sweep", {"/var/lib/leaderboard/data": demo}))
    assert before - tree(demo) == {"logs/1-1.log", "models/old/weights"}
    assert "in use" in said


@pytest.mark.slow
@pytest.mark.postgres
def test_the_ledger_moves_into_postgresql(data_folder: Path, postgres: str, tmp_path: Path) -> None:
    ledger = open_ledger()
    fill(ledger)
    assert (data_folder / "ledger.sqlite").exists()
    address = ledgers.make_database(postgres)
    theirs = "postgresql://leaderboard:password@db.example.org/leaderboard"
    type_in(
        block("to-postgresql", {"/var/lib/leaderboard-backups": tmp_path, theirs: f"'{address}'"})
    )
    moved = open_ledger(address)
    assert everything(moved) == everything(ledger)
    moved.close()
    ledger.close()


def test_runs_of_another_machine_are_finished_when_they_are_whole(
    data_folder: Path, tmp_path: Path
) -> None:
    need("rsync", "rsync")
    make_run("baseline:majority")
    (data_folder / "runs").rename(tmp_path / "gpu")
    places = {"/var/lib/leaderboard/data/runs": data_folder / "runs"}
    script = block("fetch-runs", places | {"gpu.example.org:$runs": tmp_path / "gpu"})
    data_folder.joinpath("runs").mkdir()
    first, _, _ = script.rpartition("rsync")
    type_in(first)
    missing = tree(tmp_path / "gpu") - tree(data_folder / "runs")
    assert {Path(name).name for name in missing} == {"run.json"}
    type_in(script)
    assert tree(tmp_path / "gpu") == tree(data_folder / "runs")
    said = watch.look(watch.Memory({}, {}, set()), None)
    assert said.startswith("Loaded baseline-majority")


def test_the_card_of_a_space_is_of_this_image(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(block("space"))
    card = metadata_load(tmp_path / "README.md")
    assert card
    ports = re.findall(r"^EXPOSE (\d+)$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
    assert [str(card["app_port"])] == ports
    assert (card["sdk"], card["hf_oauth_scopes"]) == ("docker", ["email"])
    assert len(card["title"]) > 0


@pytest.mark.slow
def test_health_is_asked_of_a_dashboard(demo: Path) -> None:
    need("curl", "curl")
    with serve_dashboard(demo) as server:
        said = type_in(block("health", {"http://127.0.0.1:8501": server.address}))
    assert '"status":"fine"' in said


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units, each of a template once, for a machine on which nothing is installed."""
    need("systemd-analyze", "systemd")
    made = []
    for path in sorted(UNITS.iterdir()):
        unit = tmp_path / path.name.replace("@.", "@1.")
        text = path.read_text(encoding="utf-8")
        text = re.sub("/opt/leaderboard/.venv/bin/python", "/bin/true", text)
        unit.write_text(text.replace("=/opt/leaderboard\n", "=/\n"))
        made.append(unit)
    return made


def test_systemd_has_nothing_to_say_against_the_units(units: list[Path]) -> None:
    asked = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_each_unit_is_shut_in(units: list[Path]) -> None:
    for unit in units:
        if unit.suffix == ".timer":
            continue
        asked = ["systemd-analyze", "security", "--offline=yes", "--threshold=25", "--no-pager"]
        done = subprocess.run([*asked, str(unit)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_unit_runs_what_there_is_as_its_own_user() -> None:
    programs = {"evaluator": evaluator.main, "ingest": ingest.main, "warehouse": warehouse.main}
    for path in UNITS.glob("*.service"):
        text = path.read_text(encoding="utf-8")
        [(module, command)] = re.findall(r"python -m (\w+) ([a-z-]+)", text)
        if module == "dashboard":
            assert command in {name for one in dashboard.main.params for name in one.opts}
        else:
            assert command in programs[module].commands
        assert "User=leaderboard\n" in text
        assert "MemoryMax=" in text
        # each of them would take the GPU away
        kept_out = {"PrivateDevices=yes", "ProtectClock=yes"} - {*text.splitlines()}
        assert len(kept_out) == (2 if "CUDA" in text else 0)
