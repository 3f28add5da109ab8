"""How likely a choice is, is read of what a server says, or not said at all."""

import asyncio

import pytest

from evaluator import endpoint_choices
from evaluator.endpoint_choices import sum_logprobs
from evaluator.endpoint_options import Server
from evaluator.endpoint_replies import Choice, Reply, Spent
from evaluator.papers import Paper
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.tasks import find_task
from tests import served
from tests.model_server import Body, ModelServer, say
from tests.served import Evaluate

SAMPLES = load_samples(find_task("sample"))
chatting, tiny, server, few, ask = (  # the fixtures
    served.chatting, served.tiny, served.server, served.few, served.ask
)  # fmt: skip


def test_choices_asked_at_once_are_scored_in_one_way() -> None:
    request = Paper(find_task("sample"), SAMPLES).render(SAMPLES[0], parse_protocol("rotate-0shot"))
    scorer = endpoint_choices.Scorer()
    echoed: list[str] = []

    async def post(body: Body) -> Reply:
        if "echo" in body:
            echoed.append(body["prompt"])
            await asyncio.sleep(0)
            return Reply.model_validate({"choices": [{"text": " A"}]})
        likely = dict.fromkeys(request.continuations, -1.0)
        return Reply.model_validate(
            {"choices": [{"text": " A", "logprobs": {"top_logprobs": [likely]}}]}
        )

    async def score_two() -> list[list[float]]:
        spent = Spent(Server("http://localhost"))
        return await asyncio.gather(*(scorer.score(post, request, spent) for _ in range(2)))

    assert asyncio.run(score_two()) == [[-1.0] * 4] * 2
    assert (len(echoed), scorer.way) == (1, "next token")


def score(*tokens: tuple[str, float | None]) -> Choice:
    texts, values = zip(*tokens, strict=True)
    logprobs = {"tokens": list(texts), "token_logprobs": list(values)}
    return Choice.model_validate({"text": "", "logprobs": logprobs})


def test_a_choice_is_the_tokens_of_its_own_text() -> None:
    said = [("<s>", None), ("Answer", -3.0), (":", -1.0), (" ", -0.5), ("A", -0.25)]
    assert sum_logprobs(score(*said, (" A", -9)), "Answer:", " A") == -0.75
    assert sum_logprobs(score(*said, ("", -9)), "Answer:", " A") == -0.75  # the end, as no text
    assert sum_logprobs(score(*said), "Answer:", " A") == -0.75  # or as no token


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(text=" B"), "gives no log-probabilities of a prompt"),
        (score((" B", -1.0)), "other tokens than the prompt's"),
        (score(("Answer", -1.0), (": A", -1.0), ("x", -1.0)), "is of the prompt and of the choice"),
        (score(("Answer:", -1.0), (" A", None), ("x", -1.0)), "has no log-probability"),
    ],
)
def test_a_choice_that_cannot_be_told_from_its_prompt_has_no_score(
    choice: Choice, expected: str
) -> None:
    with pytest.raises(ValueError, match=expected):
        sum_logprobs(choice, "Answer:", " A")


def test_a_server_without_log_probabilities_says_so(server: ModelServer, ask: Evaluate) -> None:
    server.act = say({"choices": [{"text": " B"}]})
    code, _, errors = ask("loglikelihood-0shot")
    assert (code, "Error (no-logprobs)" in errors, "generate-0shot" in errors) == (1, True, True)
