"""Has a network score the choices of each question, for protocols that ask for no words."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from evaluator.asking import Answer, Ask, BatchPlan, Prepare, Recall
from evaluator.engines import chat, encoding, loglikelihood, packing
from evaluator.engines.encoding import Encoded
from evaluator.engines.loading import LoadedModel
from evaluator.papers import Key, Paper, Turn, rotate_back
from evaluator.prompts import Request, prompt_hash
from evaluator.protocols import Protocol


def prepare(loaded: LoadedModel, protocol: Protocol) -> Prepare:
    """Return how to ask `loaded` by `protocol`."""

    def plan(encoded: Sequence[Encoded], size: int | None) -> BatchPlan:
        size = size or loglikelihood.find_batch_tokens(loaded, encoded)
        prefix = packing.find_prefix(encoded)
        return BatchPlan(size, packing.plan_batches(encoded, len(prefix), size))

    def write(request: Request) -> str:
        if not protocol.chat:
            return request.prompt
        return chat.render(loaded.tokenizer, [message.model_dump() for message in request.messages])

    def prepare(paper: Paper, turns: Sequence[Turn]) -> Ask:
        requests = [paper.render(turn.sample, protocol, turn.repeat) for turn in turns]
        questions = [(write(request), request.continuations) for request in requests]
        encoded = encoding.encode(loaded.tokenizer, loaded.max_length, questions, loaded.stretch)

        def ask(answered: Collection[Key], recall: Recall) -> Iterator[Answer]:
            left = [
                batch
                for batch in recall(partial(plan, encoded)).batches
                if any(turns[index].key not in answered for index in batch)
            ]
            for index, scores in loglikelihood.score(loaded, encoded, left):
                if turns[index].key not in answered:
                    yield as_answer(turns[index], protocol, questions[index], scores)

        return ask

    return prepare


def as_answer(
    turn: Turn, protocol: Protocol, question: encoding.Question, scores: loglikelihood.Scores
) -> Answer:
    """What a model picked, with the choices in the order of the source."""
    places = turn.repeat if protocol.method == "rotate" else 0
    number = len(turn.sample.choices)
    order = [(place - places) % number for place in range(number)]  # where each choice was shown
    picked = turn.sample.letters[argmax(scores.logprobs)]
    return Answer(
        turn,
        prediction=rotate_back(turn.sample, places, picked),
        prompt=question[0],
        prompt_hash=prompt_hash(*question),
        logprobs=tuple(scores.logprobs[place] for place in order),
        first_tokens=tuple(scores.first_tokens[place] for place in order),
        tokens=scores.tokens,
        truncated=scores.truncated,
    )


def argmax(logprobs: Sequence[float]) -> int:
    """The first of the greatest, as numpy and lm_eval have it."""
    return max(range(len(logprobs)), key=logprobs.__getitem__)
