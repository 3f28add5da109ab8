"""Runs whose answers are written or whose choices are rotated, of a real tiny network."""

from functools import partial

import polars as pl
import pytest
import torch

from evaluator import asking, progress, records, reruns, runs, summary, tables, writing
from evaluator.asking import Answer
from evaluator.engines.loading import LoadedModel, load_model
from evaluator.models import describe_model
from evaluator.papers import Paper
from evaluator.protocols import Protocol, parse_protocol
from evaluator.questions import load_samples
from evaluator.records import Run
from evaluator.tasks import find_task
from tests.conftest import change_answers, stop_after

TASK = find_task("sample")
QUESTIONS = load_samples(TASK)[:6]
PAPER = Paper(TASK, QUESTIONS)
MODEL = describe_model("toy:llama", None)


def make(protocol: Protocol) -> Run:
    folder = records.runs_folder().parent / "models"
    plan = runs.plan_run(MODEL, "float32", protocol, [PAPER])
    opener = partial(asking.open_model, MODEL, "float32", folder, "toy:llama", protocol)
    return runs.make_run(plan, [PAPER], opener, command="test")


def rows(run: Run) -> pl.DataFrame:
    return tables.read_predictions(records.runs_folder() / run.run_id, "sample")


@pytest.fixture
def network() -> LoadedModel:
    folder = records.runs_folder().parent / "models"
    return load_model(asking.find_weights(MODEL, folder, "toy:llama"), "float32")


def score(network: LoadedModel, prompt: str, ending: str) -> float:
    """The log-probability of an ending, by the plain network; each byte is a token of its own."""
    network.network.set_attn_implementation("sdpa")
    tokens = network.tokenizer(prompt + ending, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        found = network.network(tokens[:, :-1]).logits[0].log_softmax(-1)
    size = len(ending)
    steps = found[-size:].gather(1, tokens[0, -size:, None])
    return float(steps.sum())


def test_rotated_choices_are_scored_as_they_stand_and_kept_as_the_source_has_them(
    network: LoadedModel,
) -> None:
    protocol = parse_protocol("rotate-0shot")
    run = make(protocol)
    table = rows(run)
    assert table.select("sample_id", "repeat").rows() == [
        (sample.sample_id, places) for sample in QUESTIONS for places in range(4)
    ]
    assert run.results[0].model_dump() == {
        **{"task": "sample", "predictions": 24, "expected": TASK.size, "answered": 6}
    }
    for row, turn in zip(table.iter_rows(named=True), PAPER.turns(protocol), strict=True):
        prompt = PAPER.render(turn.sample, protocol, turn.repeat).prompt
        shown = {
            choice: score(network, prompt, f" {letter}")
            for letter, choice in zip(
                "ABCD",
                turn.sample.choices[turn.repeat :] + turn.sample.choices[: turn.repeat],
                strict=True,
            )
        }
        assert row["prompt"] == prompt
        assert row["logprobs"] == pytest.approx([shown[c] for c in turn.sample.choices], abs=1e-4)
        best = max(range(4), key=row["logprobs"].__getitem__)
        assert row["prediction"] == "ABCD"[best]


def test_what_a_network_writes_is_kept_with_its_prompt() -> None:
    table = rows(make(parse_protocol("generate-0shot-m8")))
    assert table["prompt"].to_list() == [
        PAPER.render(sample, parse_protocol("generate-0shot")).prompt for sample in QUESTIONS
    ]
    assert table["finish"].is_in(["end", "limit"]).all()
    limited = table.filter(finish="limit")
    assert limited.height
    assert limited["written_tokens"].to_list() == [8] * limited.height
    assert table["response"].null_count() == table["thinking"].count() == 0
    assert table["logprobs"].count() == table["logprobs_after"].count() == 0


def test_choices_are_weighed_without_and_right_after_a_rationale(network: LoadedModel) -> None:
    table = rows(make(parse_protocol("generate-cot-0shot-m12")))
    for row in table.iter_rows(named=True):
        before = [score(network, row["prompt"], f" {letter}") for letter in "ABCD"]
        rationale = row["prompt"] + row["response"].rstrip() + "\nAnswer:"
        after = [score(network, rationale, f" {letter}") for letter in "ABCD"]
        assert row["logprobs_before"] == pytest.approx(before, abs=1e-4)
        if row["response"].isascii():  # of cut characters the text is not what was read
            assert row["logprobs_after"] == pytest.approx(after, abs=1e-4)


def test_draws_differ_and_come_out_the_same_again() -> None:
    protocol = parse_protocol("generate-0shot-t1x3-m8")
    run = make(protocol)
    table = rows(run)
    assert table["repeat"].to_list() == [0, 1, 2] * 6
    texts = table.group_by("sample_id").agg(pl.col("response").n_unique())
    assert texts["response"].min() == 3
    again = asking.open_model(
        *(MODEL, "float32", records.runs_folder().parent / "models", "toy:llama", protocol)
    )
    (found,) = reruns.rerun(records.runs_folder() / run.run_id, [PAPER], protocol, again)
    assert found.flips.is_empty()
    given = again.prepare(PAPER, PAPER.turns(protocol))((), lambda plan: plan(None))
    texts_again = {answer.turn.key: answer.response for answer in given}
    kept = table.select("sample_id", "repeat", "response").rows()
    assert {(key, repeat): text for key, repeat, text in kept} == texts_again


@pytest.mark.parametrize(
    "slug", ["rotate-0shot", "generate-0shot-t1x2-m4", "generate-cot-0shot-m4"]
)
def test_an_interrupted_run_goes_on_where_it_was(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = parse_protocol(slug)
    whole = make(protocol)
    expected = rows(whole)
    (records.runs_folder() / whole.run_id).rename(records.runs_folder() / "kept")
    with monkeypatch.context() as stopping:
        change_answers(stopping, stop_after(5))
        with pytest.raises(KeyboardInterrupt):
            make(protocol)
    resumed = rows(make(protocol))
    rounded = ["seconds", "logprobs_before", "logprobs_after"]  # others are weighed together
    assert resumed.drop(rounded).equals(expected.drop(rounded))
    for name in rounded[1:]:
        for ours, theirs in zip(resumed[name], expected[name], strict=True):
            assert ours is theirs or list(ours) == pytest.approx(list(theirs), abs=1e-4)


def test_a_question_that_is_asked_several_times_is_one_of_those_that_are_done() -> None:
    run = make(parse_protocol("rotate-0shot"))
    assert rows(run).height == 24
    done = progress.count(records.runs_folder() / run.run_id, ["sample"])
    assert (done["answered"], done["of"], done["done"]) == (6, TASK.size, 6)


def test_a_single_question_counts_as_one_however_often_it_was_asked() -> None:
    assert summary.effective([0.5]) == 1


@pytest.mark.parametrize("thinking", ["", "Hm."])
def test_a_thought_that_the_template_begins_is_closed_before_the_rationale(
    thinking: str, network: LoadedModel
) -> None:
    protocol = parse_protocol("generate-cot-0shot-m4")
    limits = writing.find_limits(network, protocol)
    writer = writing.Writer(network, protocol, chats=True, limits=limits)
    turn = PAPER.turns(protocol)[0]
    answer = Answer(turn, None, prompt="Q<think>\n", response="Iron. Answer: B", thinking=thinking)
    (without, _), (after, _) = writer.questions(answer)
    assert without == "Q<think>\n\n</think>\n\nAnswer:"
    assert after == f"Q<think>\n{thinking}\n</think>\n\nIron.\nAnswer:"


def limit_of(network: LoadedModel, slug: str) -> int:
    return writing.find_limits(network, parse_protocol(slug)).most_tokens


def test_an_answer_has_the_room_that_its_method_and_its_model_need(
    network: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    slugs = ("generate-0shot", "generate-cot-0shot", "generate-cot-0shot-m7")
    assert [limit_of(network, slug) for slug in slugs] == [32, 1024, 7]
    monkeypatch.setattr(network.tokenizer, "chat_template", "{{ '<think>' }}")
    object.__setattr__(network, "max_length", 40_000)
    assert [limit_of(network, slug) for slug in slugs] == [32, 8192, 7]


def test_a_chat_template_is_used_where_there_is_one(network: LoadedModel) -> None:
    network.tokenizer.chat_template = (
        "{% for turn in messages %}[{{ turn.role }}]{{ turn.content }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% if enable_thinking is false %}quick{% endif %}"
        "{% endif %}"
    )
    for slug, end in (("generate-0shot-m4", "[assistant]quick"), ("generate-cot-0shot-m4", "]")):
        protocol = parse_protocol(slug)
        ask = writing.prepare(network, protocol)(PAPER, PAPER.turns(protocol))
        answers = [*ask((), lambda plan: plan(None))]
        assert len(answers) == 6
        for answer in answers:
            said = PAPER.render(answer.turn.sample, protocol).messages[0].content
            assert answer.prompt is not None
            assert answer.prompt.startswith(f"[user]{said}[assistant]")
            assert answer.prompt.endswith(end)
