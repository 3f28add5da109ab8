"""Has a network write its answers: protocols that ask for words."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from evaluator import answering
from evaluator.answers import before_conclusion, before_next_question, part_thinking
from evaluator.asking import Answer, Ask, Prepare, Recall
from evaluator.engines import chat, encoding, generation, loglikelihood, packing
from evaluator.engines.encoding import Tokens
from evaluator.engines.generation import Limits, Opening, Written
from evaluator.engines.loading import LoadedModel
from evaluator.papers import Key, Paper, Turn
from evaluator.prompts import ANSWER, Request
from evaluator.protocols import Decoding, Protocol

LOT = 16  # rationales after which the choices are scored at a time


@dataclass(frozen=True)
class Writer:
    """A network that writes by a protocol."""

    loaded: LoadedModel
    protocol: Protocol
    chats: bool
    """Whether it has a chat template."""
    limits: Limits

    def prompt(self, paper: Paper, turn: Turn) -> str:
        """The question, up to where the model begins to write."""
        request = paper.render(turn.sample, self.protocol)
        return render_request(self.loaded.tokenizer, request, self.protocol)

    @property
    def room(self) -> int:
        """Tokens of the window that are left to the prompt."""
        return self.loaded.max_length - self.limits.most_tokens

    def open(self, tokens: Tokens, turn: Turn) -> Opening:
        """What the model continues: the end of the prompt, where the window does not hold it."""
        return Opening(tokens[-self.room :], answering.draw_seed(self.protocol, turn))

    def read(self, turn: Turn, prompt: str, tokens: Tokens, written: Written) -> Answer:
        """Take the answer out of what the model wrote."""
        thinking, response = part_thinking(written.text, opened=is_opened(prompt))
        said = response if self.chats else f"{ANSWER}{before_next_question(response)}"
        return replace(
            answering.read(turn, prompt, thinking, response, said),
            tokens=len(tokens),
            truncated=len(tokens) > self.room,
            written_tokens=written.tokens,
            finish=written.finish,
        )

    def questions(self, answer: Answer) -> list[encoding.Question]:
        """How to ask for the choice alone: without the model's rationale, and right after it."""
        prompt, response = answer.prompt or "", answer.response or ""
        choices = [f" {letter}" for letter in answer.turn.sample.letters]
        ending = "" if prompt.endswith(ANSWER) else ANSWER
        closed = "\n</think>\n\n" if is_opened(prompt) else ""
        thought = f"{answer.thinking or ''}{closed}" if closed else ""
        if answer.thinking and not closed:
            thought = f"<think>\n{answer.thinking}\n</think>\n\n"
        response = response if self.chats else before_next_question(response)
        rationale = before_conclusion(response).rstrip()
        return [
            (f"{prompt}{closed}{ending}", choices),
            (f"{prompt}{thought}{rationale}\n{ANSWER}", choices),
        ]

    def weigh(self, lot: Sequence[Answer]) -> Iterator[Answer]:
        """Yield the answers with the log-probability of each choice, without and with rationale."""
        model = self.loaded
        asked = [question for answer in lot for question in self.questions(answer)]
        encoded = encoding.encode(model.tokenizer, model.max_length, asked, model.stretch)
        size = loglikelihood.FIRST_BATCH[model.device.type]
        batches = packing.plan_batches(encoded, len(packing.find_prefix(encoded)), size)
        found = dict(loglikelihood.score(model, encoded, batches))
        for place, answer in enumerate(lot):
            before, after = (found[2 * place + after].logprobs for after in (0, 1))
            yield replace(answer, logprobs_before=before, logprobs_after=after)


def prepare(loaded: LoadedModel, protocol: Protocol) -> Prepare:
    """Return how to ask `loaded` by `protocol`."""
    chats = chat.own_template(loaded.tokenizer) is not None
    writer = Writer(loaded, protocol, chats, find_limits(loaded, protocol))

    def prepare(paper: Paper, turns: Sequence[Turn]) -> Ask:
        prompts = [writer.prompt(paper, turn) for turn in turns]
        tokens = encoding.tokenize(loaded.tokenizer, list(dict.fromkeys(prompts)))

        def ask(answered: Collection[Key], _: Recall) -> Iterator[Answer]:
            left = [
                (turn, prompt, tokens[prompt])
                for turn, prompt in zip(turns, prompts, strict=True)
                if turn.key not in answered
            ]
            openings = [writer.open(read, turn) for turn, _, read in left]
            given = (
                writer.read(*left[number], written)
                for number, written in generation.write(loaded, openings, writer.limits)
            )
            if protocol.method == "generate":
                yield from given
            else:
                for lot in batched(given, LOT):
                    yield from writer.weigh(lot)

        return ask

    return prepare


def find_limits(loaded: LoadedModel, protocol: Protocol) -> Limits:
    """An answer leaves at least half of the window to the question."""
    decoding = protocol.decoding or Decoding()
    most = answering.most_tokens(protocol, thinks=chat.thinks(loaded.tokenizer))
    return Limits(
        most_tokens=min(most, loaded.max_length // 2),
        temperature=decoding.temperature,
        stop=decoding.stop,
    )


def batched(answers: Iterator[Answer], size: int) -> Iterator[list[Answer]]:
    """Yield the answers in lots; itertools has this from Python 3.12 on."""
    while lot := list(islice(answers, size)):
        yield lot


def render_request(tokenizer: chat.Tokenizer, request: Request, protocol: Protocol) -> str:
    """Return the prompt of one question: through the template where the protocol says so, or where
    a model that answers in words has one.

    Without a rationale asked for, a template that can is told to leave thoughts out.
    """
    written = protocol.decoding is not None
    if not protocol.chat and not (written and chat.own_template(tokenizer)):
        return request.prompt
    quick = {"enable_thinking": False} if protocol.method == "generate" else {}
    return chat.render(tokenizer, [message.model_dump() for message in request.messages], quick)


def is_opened(prompt: str) -> bool:
    """Whether the chat template has begun the model's thoughts."""
    return prompt.rstrip().endswith("<think>")
