"""Has a network score the choices of each question, for protocols that ask for no words."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from evaluator import answering
from evaluator.asking import Answer, Ask, BatchPlan, Prepare, Recall
from evaluator.engines import chat, encoding, loglikelihood, packing
from evaluator.engines.encoding import Encoded
from evaluator.engines.loading import LoadedModel
from evaluator.papers import Key, Paper, Turn
from evaluator.prompts import Request
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
    return replace(
        answering.pick(turn, protocol, question, scores.logprobs),
        first_tokens=answering.order_back(turn, protocol, scores.first_tokens),
        tokens=scores.tokens,
        truncated=scores.truncated,
    )
