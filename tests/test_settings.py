"""What settings.toml may say, what it may not, and that the checker goes by it."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from evaluator import checking, cli, queue_commands, verdicts
from evaluator.verdicts import Asked, Checked, Facts, Rules
from warehouse import settings
from warehouse.errors import BrokenSettings
from warehouse.ledger import people, submissions
from warehouse.ledger.opening import open_ledger
from warehouse.settings import Settings


def say(data_folder: Path, text: str) -> None:
    data_folder.mkdir(exist_ok=True)
    (data_folder / "settings.toml").write_text(text, encoding="utf-8")


def test_nothing_need_be_said() -> None:
    assert settings.read_settings() == Settings()
    assert settings.read_settings().model_dump() == {
        "keep_snapshots": 5,
        "submissions_a_day": 10,
        "maintainers": [],
        "reviewers": {"emails": []},
        "check": dict.fromkeys(("most_gigabytes", "most_text", "seconds", "memory")),
        "do_not_evaluate": {},
    }
    assert verdicts.read_rules() == Rules()


def test_all_may_be_said(data_folder: Path) -> None:
    say(
        data_folder,
        """
        keep_snapshots = 2
        submissions_a_day = 3
        maintainers = ["Ada@Example.org", " bob+queue@clinic.example.org "]
        [reviewers]
        emails = ["Dr.Ada@Example.org"]
        [check]
        most_gigabytes = 16
        most_text = 1_000_000
        seconds = 20
        memory = 2_000_000_000
        [do_not_evaluate]
        "Clinic/Memorized" = "Its training data holds the questions."
        """,
    )
    said = settings.read_settings()
    assert said.maintainers == ["ada@example.org", "bob+queue@clinic.example.org"]
    assert said.reviewers.emails == ["dr.ada@example.org"]
    assert (said.keep_snapshots, said.submissions_a_day) == (2, 3)
    assert verdicts.read_rules() == Rules(
        most_gigabytes=16,
        most_text=1_000_000,
        seconds=20,
        memory=2_000_000_000,
        do_not_evaluate=verdicts.read_do_not_evaluate()
        | {"clinic/memorized": "Its training data holds the questions."},
    )


def test_what_is_not_evaluated_here_adds_to_what_is_evaluated_nowhere(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "read_do_not_evaluate", lambda: {"a/everywhere": "why"})
    say(data_folder, '[do_not_evaluate]\n"b/Here" = "because"')
    assert verdicts.read_rules().do_not_evaluate == {"a/everywhere": "why", "b/here": "because"}


def test_every_limit_of_a_check_may_be_set_but_what_a_stranger_could_abuse() -> None:
    limits = set(settings.CheckSettings.model_fields)
    assert limits == set(Rules.model_fields) - {"local", "do_not_evaluate"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('maintainers = ["ada"]', "maintainers.0: 'ada' is no e-mail address"),
        ('maintainers = ["a@example.org", "b@host"]', "maintainers.1: 'b@host' is no e-mail"),
        ('maintainers = ["Ada <a@example.org>"]', "is no e-mail address"),
        ('maintainers = ["a@example.org, b@example.org"]', "is no e-mail address"),
        ('maintainers = ["\u212ate@example.org"]', "is no e-mail address"),  # the kelvin sign
        ('maintainers = "a@example.org"', "maintainers: Input should be a valid list"),
        ("submissions_a_day = 0", "submissions_a_day: Input should be greater than or equal to 1"),
        ("submissions_a_day = 2.5", "submissions_a_day: Input should be a valid integer"),
        ("submissions_a_day = true", "submissions_a_day: Input should be a valid integer"),
        ("[check]\nseconds = 0", "check.seconds: Input should be greater than or equal to 1"),
        ("[check]\nlocal = true", "check.local: Extra inputs are not permitted"),
        ("[check]\nsecond = 9", "It may say .*check.seconds"),
        ('[reviewers]\nemails = ["ada"]', "reviewers.emails.0: 'ada' is no e-mail address"),
        ("[reviewers]\nnames = []", "It may say .*reviewers.emails"),
        ("check = 9", "check: Input should be a valid dictionary"),
        ('[do_not_evaluate]\n"a/b" = " "', "do_not_evaluate.a/b: String should have at least 1"),
        ('[do_not_evaluate]\n"a/b" = true', "do_not_evaluate.a/b: Input should be a valid string"),
    ],
)
def test_what_may_not_be_said_is_named_with_its_key(
    data_folder: Path, text: str, said: str
) -> None:
    say(data_folder, text)
    with pytest.raises(BrokenSettings, match=said) as told:
        settings.read_settings()
    assert str(told.value).startswith(f"{data_folder / 'settings.toml'}: ")


def test_the_checker_goes_by_the_settings(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(data_folder, '[check]\nseconds = 7\n[do_not_evaluate]\n"a/b" = "It is a copy."')
    asked = submissions.Asked(model="a/b", precision="float32", protocol="loglikelihood-0shot")
    ledger = open_ledger()
    submissions.submit(ledger, asked, people.LOCAL)
    seen: list[Rules | None] = []

    def check_model(wanted: Asked, rules: Rules | None = None) -> Checked:
        seen.append(rules)
        return Checked(asked=wanted, facts=Facts(name=wanted.model, revision="c"), problems=())

    monkeypatch.setattr(checking, "check_model", check_model)
    monkeypatch.setattr(queue_commands, "stop_on_signals", Event)
    done = CliRunner().invoke(cli.main, ["check-queue", "--once", "--name", "c"])
    ledger.close()
    assert done.output == "c has checked 1 submissions.\n"
    (rules,) = seen
    assert rules
    assert (rules.seconds, rules.do_not_evaluate["a/b"]) == (7, "It is a copy.")


def test_a_command_says_what_is_wrong_with_the_settings(
    data_folder: Path, evaluate_here: Callable[..., tuple[int, str, str]]
) -> None:
    say(data_folder, "submissions_a_day = 0")
    code, _, errors = evaluate_here("check-queue", "--once")
    assert code == 1
    assert errors.startswith(f"Error: {data_folder / 'settings.toml'}: submissions_a_day: ")
