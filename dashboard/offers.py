"""What the Submit page offers; no Streamlit here.

The checker decides what is taken, and the pages know nothing of the evaluator: a test holds what
is offered here against what it accepts.
"""

from collections.abc import Mapping
from typing import Final

PRECISIONS = ("bfloat16", "float16", "float32")
PROTOCOLS: Mapping[str, str] = {
    "loglikelihood-0shot": "Without examples.",
    "loglikelihood-5shot": "After five worked examples of the same task.",
    "loglikelihood-0shot-chat": "Without examples, through the model's chat template.",
    "loglikelihood-5shot-chat": "After five worked examples, through the model's chat template.",
    "rotate-0shot": "With each choice in each place in turn: does it know, or does it guess? "
    "Takes four times as long.",
    "rotate-0shot-chat": "The same through the model's chat template.",
    "generate-0shot": "The model writes its answer, through its chat template if it has one.",
    "generate-cot-0shot": "The model reasons in writing, then answers. Takes much longer.",
}
"""From the slug of each way of asking to what that is."""
NINE, SAMPLE = "nine", "sample"
TASK_SETS: Mapping[str, str] = {
    NINE: "The nine medical tasks, 7,045 questions. The leaderboard ranks by these.",
    SAMPLE: "The demonstration questions, 92: quickly done, and never part of an average.",
}
TASKS = (
    "medqa_4options",
    "medmcqa",
    "pubmedqa",
    "mmlu_anatomy",
    "mmlu_clinical_knowledge",
    "mmlu_college_biology",
    "mmlu_college_medicine",
    "mmlu_medical_genetics",
    "mmlu_professional_medicine",
)
"""The nine."""
ORIGINAL: Final = "original"
WEIGHTS = (ORIGINAL, "adapter", "delta")
TUNINGS = ("unknown", "pretrained", "fine-tuned", "instruction-tuned", "merged")
NOT_SAID = "open weights"
"""What the ledger has of the training where a submission did not come from the form."""
TOY = "toy:llama"
EMBEDDED = (TOY, "baseline:random", "baseline:majority", "baseline:longest-choice")
"""Models that need no download; their revision is a seed."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "precision": PRECISIONS,
    "weights": WEIGHTS,
    "type": TUNINGS,
    "protocol": tuple(PROTOCOLS),
}
"""From each field in which one of a few things is chosen to these, the one to begin with first."""
FIELDS = ("model", "revision", "base", "tasks", *CHOICES)
"""What an address may fill in."""


def read_tasks(text: str) -> str | None:
    """The name of a set of tasks: one that is offered, or names of tasks parted by commas.

    The same tasks in another order are the same set. None where a name is none of a task.
    """
    names = {name.strip() for name in text.split(",")}
    if names in ({NINE}, set(TASKS)):
        return NINE
    if names and names <= {*TASKS, SAMPLE}:
        return ",".join(task for task in (*TASKS, SAMPLE) if task in names)
    return None


def tasks_text(tasks: str, titles: Mapping[str, str]) -> str:
    """What a set of tasks is called."""
    if tasks in (NINE, "all"):
        return "the nine tasks"
    names = [name.strip() for name in tasks.split(",")]
    return ", ".join(titles.get(name, name) for name in names)


def find_strangers(address: Mapping[str, str]) -> list[str]:
    """Each value of an address that is not offered, with its name: to be shown as plain text."""
    values = {name: address[name] for name in (*CHOICES, "tasks") if address.get(name)}
    if values.get("type") == NOT_SAID:
        del values["type"]
    return [
        f"{name}: “{shorten(value)}”"
        for name, value in values.items()
        if (read_tasks(value) is None if name == "tasks" else value not in CHOICES[name])
    ]


def shorten(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"
