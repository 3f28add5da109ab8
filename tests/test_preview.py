"""Do `tasks` and `preview` show exactly what a model would be asked, and nothing harmful?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator.engines import toy
from evaluator.prompts import render
from evaluator.protocols import ZERO_SHOT, parse_protocol
from evaluator.questions import load_samples, load_shots
from evaluator.tasks import CATALOGUE, find_task

Evaluate = Callable[..., tuple[int, str, str]]
TASK = find_task("sample")
SAMPLES = load_samples(TASK)
LETTERS = "── choices: ' A', ' B', ' C', ' D'"
TEMPLATE = (
    "{% for turn in messages %}<{{ turn.role }}>{{ turn.content }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


@pytest.fixture
def chat_model(tmp_path: Path) -> Path:
    """A toy model with a chat template."""
    folder = toy.make_toy_llama(tmp_path / "chat-model", 0)
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    return folder


def test_tasks_are_listed_with_where_they_are_from(evaluate_here: Evaluate) -> None:
    code, said, errors = evaluate_here("tasks")
    rows = [line.split() for line in said.splitlines()]
    assert (code, errors) == (0, "")
    assert rows[0] == ["task", "questions", "split", "examples", "data", "set", "@", "revision"]
    assert rows[1:] == [
        [
            task.name,
            f"{task.size:,}",
            *task.split.split(),
            "none" if task.name == "sample" else "yes",
            task.dataset,
            "@",
            task.revision.removeprefix("sha256:")[:8],
        ]
        for task in CATALOGUE
    ]


def test_a_preview_shows_the_first_prompts_to_the_byte(evaluate_here: Evaluate) -> None:
    code, said, errors = evaluate_here("preview", "--task", "sample", "--n", "2")
    assert (code, errors) == (0, "")
    assert (
        said
        == "\n\n".join(
            f"── sample, {sample.sample_id}, loglikelihood-0shot, gold {sample.gold} ──\n"
            f"{render(TASK, sample, ZERO_SHOT).prompt}\n{LETTERS}"
            for sample in SAMPLES[:2]
        )
        + "\n"
    )


def test_a_preview_shows_three_questions_or_all_there_are(evaluate_here: Evaluate) -> None:
    preview = ("preview", "--task", "sample")
    assert evaluate_here(*preview)[1].count(LETTERS) == 3
    assert evaluate_here(*preview, "--n", "1000")[1].count(LETTERS) == TASK.size


def test_a_preview_shows_system_prompt_and_examples(evaluate_here: Evaluate, hub: Path) -> None:
    task = find_task("mmlu_anatomy")
    how = ("--protocol", "loglikelihood-2shot", "--system-prompt", "Be brief.")
    code, said, errors = evaluate_here(
        "preview", "--task", "mmlu_anatomy", "--n", "1", *how, "--data", str(hub)
    )
    protocol = parse_protocol("loglikelihood-2shot", "Be brief.")
    sample, shots = load_samples(task, hub)[0], load_shots(task, 2, hub)
    assert (code, errors) == (0, "")
    assert said == (
        f"── mmlu_anatomy, test-0, loglikelihood-2shot-sys213c22, gold {sample.gold} ──\n"
        f"{render(task, sample, protocol, shots).prompt}\n{LETTERS}\n"
    )
    assert "Be brief.\n\nThe following are multiple choice questions" in said


def test_a_preview_shows_the_tokens_of_a_model(evaluate_here: Evaluate) -> None:
    code, said, _ = evaluate_here("preview", "--task", "sample", "--n", "1", "--model", "toy:llama")
    prompt = render(TASK, SAMPLES[0], ZERO_SHOT).prompt
    names = {" ": "Ġ", "\n": "Ċ"}  # as byte-level tokenizers write them
    assert prompt.isascii()
    tokens = ["<s>", *(names.get(letter, letter) for letter in prompt)]
    assert code == 0
    assert said.split(" ──\n", 1)[1] == (
        f"{prompt}\n── {len(tokens)} tokens: {'|'.join(tokens)}\n"
        "── choices: ' A' Ġ|A, ' B' Ġ|B, ' C' Ġ|C, ' D' Ġ|D\n"
    )


def test_a_preview_shows_the_prompt_as_the_chat_template_writes_it(
    chat_model: Path, evaluate_here: Evaluate
) -> None:
    code, said, _ = evaluate_here(
        *("preview", "--task", "sample", "--n", "1", "--model", str(chat_model)),
        *("--protocol", "loglikelihood-0shot-chat", "--system-prompt", "Be brief."),
    )
    prompt = f"<system>Be brief.<user>{render(TASK, SAMPLES[0]).prompt}<assistant>"
    assert code == 0
    head, text = said.split(" ──\n", 1)
    assert head == f"── sample, {SAMPLES[0].sample_id}, loglikelihood-0shot-chat-sys213c22, gold C"
    assert text.startswith(f"{prompt}\n── {len(prompt) + 1} tokens: <s>|<|s|y|s|t|e|m|>|B|e|Ġ|b")
    assert text.endswith("── choices: 'A' A, 'B' B, 'C' C, 'D' D\n")


def test_a_preview_of_a_written_answer_uses_the_template_where_there_is_one(
    chat_model: Path, evaluate_here: Evaluate
) -> None:
    asked = ["preview", "--task", "sample", "--n", "1", "--protocol", "generate-0shot"]
    asked += ["--stop", "X"]
    code, said, _ = evaluate_here(*asked, "--model", str(chat_model))
    assert code == 0
    assert " ──\n<user>" in said
    assert said.split("\n── ")[0].endswith("<assistant>")
    assert "choices:" not in said
    assert "[user] " in evaluate_here(*asked)[1]


def test_a_preview_of_a_chat_without_a_template_is_refused(evaluate_here: Evaluate) -> None:
    code, said, errors = evaluate_here(
        *("preview", "--task", "sample", "--model", "toy:llama"),
        *("--protocol", "loglikelihood-0shot-chat"),
    )
    assert (code, said) == (1, "")
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith("Error (no-chat-template): The tokenizer in ")


def test_control_characters_of_a_question_are_spelled_out(
    tmp_path: Path, evaluate_here: Evaluate
) -> None:
    file = tmp_path / "GBaker" / "MedQA-USMLE-4-options-hf" / "test.json"
    file.parent.mkdir(parents=True)
    row = {"sent1": "\x1b[2J\x9b\tWhy\r\n\u202eyes?", "label": 0}
    row |= {f"ending{n}": text for n, text in enumerate(("é", "β", "\x00", "\u2028"))}
    lines = [json.dumps({"id": str(n)} | row) for n in range(1273)]
    file.write_text("\n".join(lines), encoding="utf-8")
    code, said, _ = evaluate_here(
        "preview", "--task", "medqa_4options", "--n", "1", "--data", str(tmp_path)
    )
    assert code == 0
    assert said == (
        "── medqa_4options, 0, loglikelihood-0shot, gold A ──\n"
        "Question: \\x1b[2J\\x9b\\x09Why\\x0d\n\\x202eyes?\n"
        f"A. é\nB. β\nC. \\x00\nD. \\x2028\nAnswer:\n{LETTERS}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--task", "usmle"), 1, "Error (unknown-task): No task is named 'usmle'."),
        (("--task", "sample", "--n", "0"), 2, "Error: Invalid value for '--n': 0 is not in"),
        (("--task", "sample", "--protocol", "other-x"), 2, "Error: other-x is for imported"),
        (("--task", "sample", "--model", "tests"), 1, "Error (no-safetensors): tests has no"),
        ((), 2, "Error: Missing option '--task'."),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, tuple) else "",
)
def test_a_preview_that_cannot_be_shown_is_told_in_one_line(
    arguments: tuple[str, ...], code: int, said: str, evaluate_here: Evaluate
) -> None:
    returned, output, errors = evaluate_here("preview", *arguments)
    assert (returned, output) == (code, "")
    assert errors.splitlines()[-1].startswith(said)
