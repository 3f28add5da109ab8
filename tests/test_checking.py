"""What is a submitter told of a model: all of its problems, at once, and none that is not its?"""

from datetime import UTC, datetime

import pytest

from evaluator import weights
from evaluator.verdicts import Asked, Checked, Facts, Problem, Rules
from tests.hub_stand_in import StandIn
from tests.problem_cases import PROBLEMS
from tests.submitted import (
    CHAT,
    CODE,
    CONFIG,
    INDEX,
    NAME,
    TOKENIZER,
    WEIGHTS,
    Change,
    Check,
    change,
    codes,
    part,
    pickle,
    write,
)

pytest_plugins = ["tests.submission_fixtures"]


def test_a_good_model_has_no_problem_and_its_facts_are_known(
    check: Check, stand_in: StandIn
) -> None:
    checked = check()
    repository = stand_in.repositories["models", NAME]
    assert checked == Checked(
        asked=Asked(model=NAME),
        facts=Facts(
            name=NAME,
            revision=repository.commit,
            parameters=35_040,
            weights_bytes=repository.sizes[WEIGHTS],
            architecture="LlamaForCausalLM",
            licence="apache-2.0",
            chat_template=False,
            released_at=datetime(2024, 4, 20, 15, 17, 52, tzinfo=UTC),
        ),
        problems=(),
    )


def test_only_texts_are_downloaded_and_of_weights_only_headers(
    check: Check, stand_in: StandIn
) -> None:
    check(part(), write("code.py", "1"), write("training_args.bin", "1"), write("x.pt", "1"))
    got = {request.path.rpartition("/")[2]: request.bytes for request in stand_in.requests}
    files = {name: wanted for name, wanted in got.items() if "." in name}
    assert files == {
        CONFIG: None,
        INDEX: None,
        TOKENIZER: None,
        "generation_config.json": None,
        "tokenizer.json": None,
        "model-00001-of-00002.safetensors": "bytes=0-100000",
        "model-00002-of-00002.safetensors": "bytes=0-100000",
    }


def test_the_hub_is_asked_as_a_stranger(
    check: Check, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    check()
    assert {request.token for request in stand_in.requests} == {None}


@pytest.mark.parametrize("case", PROBLEMS)
def test_a_problem_is_found_and_no_other(check: Check, case: str) -> None:
    changes, asked, expected, said = PROBLEMS[case]
    checked = check(*changes, **asked)
    assert codes(checked) == expected
    assert said in "".join(f"{problem.says} {problem.fix}" for problem in checked.problems)


def test_every_problem_that_can_be_answered_is_told_at_once(check: Check) -> None:
    checked = check(
        pickle,
        write("README.md", "no licence"),
        change(CONFIG, model_type="brand_new", auto_map=CODE, quantization_config={}),
        write("tokenizer.json", "{"),
        protocol=CHAT,
        gated=False,
        rules=Rules(do_not_evaluate={NAME: "So its owner wishes."}),
    )
    assert codes(checked) == [
        "do-not-evaluate",
        "no-licence",
        "no-safetensors",
        "quantized",
        "remote-code",
        "broken-tokenizer",
        "no-chat-template",
    ]


def test_no_pickle_is_ever_asked_for(check: Check, stand_in: StandIn) -> None:
    check(pickle)
    asked = " ".join(request.path for request in stand_in.requests)
    assert [ending for ending in (".bin", ".pt", ".ckpt", ".pkl") if ending in asked] == []


def test_a_gate_hides_only_what_is_behind_it(check: Check, stand_in: StandIn) -> None:
    checked = check(
        write("README.md", "no licence"),
        gated="auto",
        rules=Rules(most_gigabytes=0.00001),
        precision="float32",
    )
    assert codes(checked) == ["gated", "no-licence", "too-large"]
    assert checked.facts.parameters == 35_040  # the Hub has counted them
    assert not any("/resolve/" in request.path for request in stand_in.requests)


def test_a_gate_of_which_only_a_file_tells_is_a_gate(check: Check, stand_in: StandIn) -> None:
    stand_in.fail("/resolve/", status=403, code="GatedRepo")
    assert codes(check()) == ["gated"]


def test_more_files_than_any_model_has_are_not_all_read(
    check: Check, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "MOST_FILES", 1)
    checked = check(part())
    assert codes(checked) == ["broken-weights"]
    assert "they are 2 files, and at most 1 are read" in checked.problems[0].says
    assert not any(request.bytes for request in stand_in.requests)


def test_a_disabled_model_is_not_shown(check: Check, stand_in: StandIn) -> None:
    said = "Access to this resource is disabled."
    stand_in.fail("/api/models/", status=403, message=said)
    assert codes(check()) == ["not-found"]


def test_a_missing_revision_hides_nothing_of_the_repository(check: Check) -> None:
    assert codes(check(revision="v9", gated="manual")) == ["gated", "no-revision"]


@pytest.mark.parametrize("revision", [None, "main"])
def test_a_revision_is_pinned_to_its_commit(
    check: Check, stand_in: StandIn, revision: str | None
) -> None:
    checked = check(revision=revision)
    assert checked.facts.revision == stand_in.repositories["models", NAME].commit
    files = [request.path for request in stand_in.requests if "/resolve/" in request.path]
    assert all(f"/resolve/{checked.facts.revision}/" in path for path in files)


def test_a_moved_model_is_checked_under_its_new_name(check: Check, stand_in: StandIn) -> None:
    stand_in.moved["old/name"] = NAME
    checked = check(write("README.md", "no licence"), model="old/name")
    assert checked.problems[0] == Problem(
        code="renamed",
        says=f"old/name is called {NAME} now.",
        fix="Submit it under that name.",
    )
    assert (checked.facts.name, codes(checked)) == (NAME, ["renamed", "no-licence"])


@pytest.mark.parametrize("listed", ["old/name", "clinic/answers"])
def test_a_listed_model_is_known_by_its_old_and_new_name(
    check: Check, stand_in: StandIn, listed: str
) -> None:
    stand_in.moved["Old/Name"] = NAME
    checked = check(model="Old/Name", rules=Rules(do_not_evaluate={listed: "So it is."}))
    assert codes(checked) == ["renamed", "do-not-evaluate"]


@pytest.mark.parametrize(
    "template",
    [
        change(TOKENIZER, chat_template="{{ messages }}"),
        write("chat_template.jinja", "{{ messages }}"),
        write("additional_chat_templates/default.jinja", "{{ messages }}"),
    ],
    ids=["settings", "file", "folder"],
)
@pytest.mark.parametrize("tokenizer", ["loads", "does not"])
def test_a_chat_template_is_found_wherever_it_is(
    check: Check, template: Change, tokenizer: str
) -> None:
    broken = [] if tokenizer == "loads" else [write("tokenizer.json", "{")]
    checked = check(template, *broken, protocol=CHAT)
    assert checked.facts.chat_template
    assert codes(checked) == (["broken-tokenizer"] if broken else [])


def test_a_strangers_words_steer_no_terminal(check: Check) -> None:
    evil = "x\x1b[2J\u202e\ny" + "z" * 1000
    checked = check(
        write("README.md", f'---\nlicense: "{evil.encode("unicode_escape").decode()}"\n---\n'),
        change(CONFIG, model_type=evil, quantization_config={"quant_method": evil}),
    )
    assert codes(checked) == ["quantized", "unknown-architecture"]
    said = "".join(f"{problem.says}{problem.fix}" for problem in checked.problems)
    assert said.isprintable()
    assert len(said) < 1500
    assert (checked.facts.licence or "").isprintable()
