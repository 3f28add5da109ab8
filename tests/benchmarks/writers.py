"""One side of the evaluator's benchmark where answers are written, in a process of its own.

`python -m tests.benchmarks.writers <ours|lm_eval> '<job as JSON>'` prints a measurement as JSON.
"""

import json
import sys
import time
from statistics import median

from evaluator import writing
from evaluator.answers import part_thinking
from evaluator.engines import loading
from evaluator.papers import Paper
from evaluator.protocols import Protocol, parse_protocol
from tests.benchmarks.sides import (
    WARM_UP,
    Job,
    Measurement,
    body,
    peak_mb,
    read_paper,
    time_products,
)


def read_job(job: Job) -> tuple[Paper, Protocol]:
    return read_paper(job), parse_protocol(f"generate-{job.shots}shot-m{job.most_tokens}")


def measure_ours(job: Job) -> Measurement:
    """Through the door that a run goes through."""
    paper, protocol = read_job(job)
    model = loading.load_model(job.model, job.precision)
    prepare, turns = writing.prepare(model, protocol), paper.turns(protocol)
    list(prepare(paper, turns[:WARM_UP])((), lambda make: make(None)))
    before = time_products(model)
    begun = time.perf_counter()
    answers = list(prepare(paper, turns)((), lambda make: make(None)))
    seconds = time.perf_counter() - begun
    responses = {answer.turn.key: answer.response or "" for answer in answers}
    return Measurement(
        seconds=seconds,
        questions=len(answers),
        tokens=sum((answer.tokens or 0) + (answer.written_tokens or 0) for answer in answers),
        peak_mb=peak_mb(),
        body=sum(weight.numel() for weight in body(model)),
        matmul_gflops=median(before + time_products(model)),
        texts=[responses[turn.key] for turn in turns],
    )


def measure_lm_eval(job: Job) -> Measurement:
    """Its `HFLM.generate_until`, which tokenizes, batches and decodes."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    paper, protocol = read_job(job)
    peer = HFLM(pretrained=str(job.model), device="cpu", dtype=job.precision, batch_size=job.batch)
    settings = {"until": [], "max_gen_toks": job.most_tokens, "do_sample": False}
    instances = [
        Instance("generate_until", {}, (paper.render(sample, protocol).prompt, settings), number)
        for number, sample in enumerate(paper.samples)
    ]
    peer.generate_until(instances[:WARM_UP], disable_tqdm=True)
    begun = time.perf_counter()
    found = peer.generate_until(instances, disable_tqdm=True)
    seconds = time.perf_counter() - begun
    ends = peer.model.generation_config.eos_token_id
    said = tuple(peer.tokenizer.decode(token) for token in ends)
    return Measurement(
        seconds=seconds,
        questions=len(found),
        peak_mb=peak_mb(),
        batch=job.batch,
        texts=[part_thinking(without_end(text, said))[1] for text in found],
    )


def without_end(text: str, ends: tuple[str, ...]) -> str:
    """Without the words that this model ends its texts with, which lm_eval leaves there."""
    return text.removesuffix(max((end for end in ends if text.endswith(end)), key=len, default=""))


SIDES = {"ours": measure_ours, "lm_eval": measure_lm_eval}

if __name__ == "__main__":
    measured = SIDES[sys.argv[1]](Job.model_validate_json(sys.argv[2]))
    print(json.dumps(measured.model_dump()))
