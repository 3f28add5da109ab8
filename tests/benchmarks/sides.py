"""One side of the evaluator's benchmark, in a process of its own so that its memory is its own.

`python -m tests.benchmarks.sides <ours|lm_eval> '<job as JSON>'` prints a measurement as JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import torch
from pydantic import BaseModel, ConfigDict

from evaluator.asking import BatchPlan
from evaluator.choosing import prepare as prepare_network
from evaluator.engines import encoding, loading, packing
from evaluator.papers import Paper
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples, load_shots
from evaluator.tasks import find_task

WARM_UP = 8  # questions


class Job(BaseModel):
    """What is timed."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    model: Path
    mirror: Path
    task: str
    shots: int
    questions: int
    precision: str = "float32"
    batch: int = 0
    """Of lm_eval, in passages; 0 for the side that finds its own."""
    most_tokens: int = 0
    """Of an answer in words; 0 asks for log-probabilities."""


class Measurement(BaseModel):
    """What one side of a job took."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    seconds: float
    """From prompts to log-probabilities, tokenization included."""
    questions: int
    tokens: int = 0
    """That had to be read: every prompt, what all share once."""
    peak_mb: int
    body: int = 0
    """Parameters without embeddings."""
    matmul_gflops: float = 0
    """Matrix products of the model's own shapes, right before and after."""
    batch: int = 0
    logprobs: list[tuple[float, ...]] = []
    texts: list[str] = []

    @property
    def rate(self) -> float:
        """Questions per second."""
        return self.questions / self.seconds

    @property
    def gflops(self) -> float:
        """2 FLOP per parameter of the body and token."""
        return 2 * self.body * self.tokens / self.seconds / 1e9


def read_paper(job: Job) -> Paper:
    task = find_task(job.task)
    samples = load_samples(task, job.mirror)[: job.questions]
    return Paper(task, samples, load_shots(task, job.shots, job.mirror))


def measure_ours(job: Job) -> Measurement:
    """Through the door that a run goes through."""
    paper, protocol = read_paper(job), parse_protocol(f"loglikelihood-{job.shots}shot")
    model = loading.load_model(job.model, job.precision)
    prepare = prepare_network(model, protocol)
    plans: list[BatchPlan] = []

    def recall(make: Callable[[int | None], BatchPlan]) -> BatchPlan:
        plans.append(make(None))
        return plans[-1]

    def ask(number: int) -> Iterator[tuple[str, tuple[float, ...], int]]:
        for answer in prepare(paper, paper.turns(protocol)[:number])((), recall):
            yield answer.turn.sample.sample_id, answer.logprobs or (), answer.tokens or 0

    list(ask(WARM_UP))
    before = time_products(model)
    begun = time.perf_counter()
    answers = {sample_id: (found, tokens) for sample_id, found, tokens in ask(len(paper.samples))}
    seconds = time.perf_counter() - begun
    rates = before + time_products(model)
    read = sum(tokens for _, tokens in answers.values())
    return Measurement(
        seconds=seconds,
        questions=len(answers),
        tokens=read - (len(answers) - 1) * shared_tokens(model, paper, job),
        peak_mb=peak_mb(),
        body=sum(weight.numel() for weight in body(model)),
        matmul_gflops=median(rates),
        batch=plans[-1].tokens,
        logprobs=[answers[sample.sample_id][0] for sample in paper.samples],
    )


def shared_tokens(model: loading.LoadedModel, paper: Paper, job: Job) -> int:
    """How many tokens all prompts begin with, where they are computed once."""
    protocol = parse_protocol(f"loglikelihood-{job.shots}shot")
    requests = [paper.render(sample, protocol) for sample in paper.samples]
    questions = [(request.prompt, request.continuations) for request in requests]
    return len(packing.find_prefix(encoding.encode(model.tokenizer, model.max_length, questions)))


def body(model: loading.LoadedModel) -> list[torch.Tensor]:
    """The weights of the layers' matrix products."""
    head = model.network.get_output_embeddings()
    return [
        module.weight
        for module in model.network.modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    ]


def time_products(model: loading.LoadedModel, tokens: int = 2048, turns: int = 5) -> list[float]:
    """GFLOP per second of nothing but the layers' matrix products, one after the other."""
    weights = body(model)
    inputs = {
        width: torch.randn(tokens, width, dtype=model.network.dtype)
        for width in {weight.shape[1] for weight in weights}
    }
    flop = 2 * tokens * sum(weight.numel() for weight in weights)
    rates = []
    with torch.inference_mode():
        for _ in range(turns):
            begun = time.perf_counter()
            for weight in weights:
                torch.nn.functional.linear(inputs[weight.shape[1]], weight)
            rates.append(flop / (time.perf_counter() - begun) / 1e9)
    return rates


def measure_lm_eval(job: Job) -> Measurement:
    """Its `HFLM.loglikelihood`, which tokenizes, batches and scores."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    paper, protocol = read_paper(job), parse_protocol(f"loglikelihood-{job.shots}shot")
    peer = HFLM(pretrained=str(job.model), device="cpu", dtype=job.precision, batch_size=job.batch)
    requests = [paper.render(sample, protocol) for sample in paper.samples]
    instances = [
        Instance("loglikelihood", {}, (request.prompt, ending), number)
        for number, request in enumerate(requests)
        for ending in request.continuations
    ]
    choices = len(requests[0].continuations)
    peer.loglikelihood(instances[: WARM_UP * choices], disable_tqdm=True)
    begun = time.perf_counter()
    found = [logprob for logprob, _ in peer.loglikelihood(instances, disable_tqdm=True)]
    return Measurement(
        seconds=time.perf_counter() - begun,
        questions=len(requests),
        peak_mb=peak_mb(),
        batch=job.batch,
        logprobs=[tuple(found[first : first + choices]) for first in range(0, len(found), choices)],
    )


def peak_mb() -> int:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


SIDES = {"ours": measure_ours, "lm_eval": measure_lm_eval}

if __name__ == "__main__":
    measured = SIDES[sys.argv[1]](Job.model_validate_json(sys.argv[2]))
    print(json.dumps(measured.model_dump()))
