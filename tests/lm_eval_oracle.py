"""What lm-evaluation-harness itself says: its own tasks and its own scoring, on local files."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from lm_eval import tasks as harness
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks._yaml_loader import load_yaml

from evaluator.protocols import Protocol
from evaluator.tasks import Task

YAMLS = {
    "medqa": "medqa/medqa.yaml",
    "medmcqa": "medmcqa/medmcqa.yaml",
    "pubmedqa": "pubmedqa/pubmedqa.yaml",
    "mmlu": "mmlu/default/{name}.yaml",
}
QUESTIONS = 100  # a task
Row = dict[str, Any]
Response = tuple[float, bool]
"""A log-probability, and whether nothing is likelier."""


@dataclass(frozen=True)
class Heard:
    """What lm_eval has of one question."""

    prompt: str
    continuations: tuple[str, ...]
    logprobs: tuple[float, ...]
    correct: bool

    @property
    def picked(self) -> int:
        """Its `np.argmax`, which it does not keep: the first of the greatest."""
        return self.logprobs.index(max(self.logprobs))


@cache
def hear(weights: Path, task: Task, protocol: Protocol, data: Path) -> list[Heard]:
    """Return what a model says to the first questions of `task`, and what lm_eval makes of it."""
    asked = write_requests(task, protocol, data, weights.parent, weights if protocol.chat else None)
    responses = open_model(weights).loglikelihood(asked.instances, disable_tqdm=True)
    said: dict[int, list[tuple[Any, Response]]] = {}
    for request, response in zip(asked.instances, responses, strict=True):
        said.setdefault(request.doc_id, []).append((request, response))
    return [judge(asked, *zip(*question, strict=True)) for question in said.values()]


@cache
def open_model(weights: Path) -> HFLM:
    """Four texts a batch: on one core, padding costs more than small batches do."""
    return HFLM(pretrained=str(weights), dtype="float32", device="cpu", batch_size=4)


@cache
def write_requests(
    task: Task, protocol: Protocol, data: Path, folder: Path, chatting: Path | None
) -> ConfigurableTask:
    """Return lm_eval's own task with its requests; all models' are the same but for a chat's."""
    own = load_task(task, protocol.shots or 0, data, folder)
    own.build_all_requests(
        limit=QUESTIONS,
        system_instruction=protocol.system_prompt,
        apply_chat_template=protocol.chat,
        fewshot_as_multiturn=True,  # the default of its command line and of `simple_evaluate`
        chat_template=open_model(chatting).apply_chat_template if chatting else None,
    )
    return own


def judge(
    task: ConfigurableTask, requests: tuple[Any, ...], responses: tuple[Response, ...]
) -> Heard:
    (prompt,) = {request.args[0] for request in requests}
    return Heard(
        prompt=prompt,
        continuations=tuple(request.args[1] for request in requests),
        logprobs=tuple(logprob for logprob, _ in responses),
        correct=task.process_results(requests[0].doc, responses)["acc"] == 1,
    )


def load_task(task: Task, shots: int, data: Path, folder: Path) -> ConfigurableTask:
    """Read the task of that name as it is; only where its rows come from is another place."""
    yaml = YAMLS[task.prompt].format(name=task.name)
    config = load_yaml(Path(harness.__file__).parent / yaml)
    for key in ("tag", "dataset_name", "training_split", "validation_split"):
        config.pop(key, None)
    files = find_files(task, data, folder)
    config |= {
        "dataset_path": "parquet" if files["test"].endswith(".parquet") else "json",
        "dataset_kwargs": {"data_files": files, "cache_dir": str(folder / "datasets")},
        "test_split": "test",
        "num_fewshot": shots,
    }
    if "dev" in files:  # MMLU's own setting; lm_eval draws the others' examples at random
        config |= {"fewshot_split": "dev", "fewshot_config": {"sampler": "first_n"}}
    return ConfigurableTask(config=config)


def find_files(task: Task, data: Path, folder: Path) -> dict[str, str]:
    """Where the rows of `test` are, and of `dev` if there is one."""
    if task.prompt == "pubmedqa":
        return write_pubmedqa(data, folder)
    repository = data / "hub" / task.dataset
    files = {"test": repository / task.file}
    if task.shots_file and (repository / task.shots_file).exists():
        files["dev"] = repository / task.shots_file
    return {split: str(path) for split, path in files.items()}


def write_pubmedqa(data: Path, folder: Path) -> dict[str, str]:
    """Write rows as the dataset has them that lm_eval names, a script that no longer loads."""
    (path,) = (data / "hub" / "qiaojin" / "PubMedQA").rglob("*.parquet")
    official = json.loads((data / "pubmedqa_test_ground_truth.json").read_text(encoding="utf-8"))
    rows: dict[str, list[Row]] = {"test": [], "dev": []}
    for row in pl.read_parquet(path).to_dicts():
        rows["test" if str(row["pubid"]) in official else "dev"].append(
            {
                "CONTEXTS": row["context"]["contexts"],
                "QUESTION": row["question"],
                "final_decision": row["final_decision"],
            }
        )
    return {split: write_lines(folder / f"{split}.jsonl", some) for split, some in rows.items()}


def write_lines(path: Path, rows: list[Row]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)
