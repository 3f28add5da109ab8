"""Does a network write what it writes alone, whoever is beside it, and end where it should?"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from transformers import GenerationConfig

from evaluator.engines import generation, network, slots, unpacked
from evaluator.engines.drafts import Draft, Rules, make_rules
from evaluator.engines.generation import Limits, Opening, Written, write
from evaluator.engines.loading import LoadedModel
from evaluator.engines.network import Way
from evaluator.errors import NanLogits, OutOfMemory
from tests import tiny
from tests.tiny import Make, Tiny, make_tiny

MOST = 24
SHARED = list(range(40, 60))
GREEDY = Limits(MOST, 0.0, ())
WARM = Limits(MOST, 0.8, ())
PACKABLE = [tiny.llama, tiny.gpt2, tiny.qwen3, tiny.gemma3, tiny.gemma3_turned]
UNPACKABLE = [tiny.gemma2, tiny.falcon, tiny.mamba]
NO_MEMORY = torch.OutOfMemoryError("CUDA out of memory.")


def make(tokens: Sequence[int], seed: int = 0) -> Opening:
    return Opening(array("i", tokens), seed)


def make_openings(number: int = 12, shared: Sequence[int] = SHARED) -> list[Opening]:
    """Of 1 to 19 tokens after those that are shared, in no order."""
    numbers = torch.Generator().manual_seed(3)
    return [
        make(
            [*shared, *torch.randint(60, 250, (1 + place * 7 % 19,), generator=numbers).tolist()],
            seed=place,
        )
        for place in range(number)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    known: dict[Make, tuple[Tiny, LoadedModel]] = {}

    def find(family: Make) -> tuple[Tiny, LoadedModel]:
        if family not in known:
            small = make_tiny(family, tmp_path_factory.mktemp(family.__name__))
            known[family] = (small, small.load())
            for model in known[family]:
                model.network.generation_config = GenerationConfig()  # ends no text
        return known[family]

    return find


@pytest.fixture
def llama(made: Any) -> LoadedModel:
    model: LoadedModel = made(tiny.llama)[1]
    return model


@pytest.fixture(params=[tiny.llama, tiny.mamba], ids=lambda family: family.__name__)
def ending(request: pytest.FixtureRequest, made: Any) -> Iterator[LoadedModel]:
    """One of each way to write, which ends its texts sooner or later."""
    model: LoadedModel = made(request.param)[1]
    some = read_all(model, make_openings(8), GREEDY)
    ends = sorted({tokens[2 * place] for place, tokens in enumerate(some)})
    model.network.generation_config = GenerationConfig(eos_token_id=ends)
    yield model
    model.network.generation_config = GenerationConfig()


def read_all(model: LoadedModel, openings: Sequence[Opening], limits: Limits) -> list[list[int]]:
    """The tokens of each text: the tokenizer has one a byte."""
    heard: dict[int, list[int]] = {}
    plain = Rules.show

    def show(rules: Any, draft: Any) -> Written:
        heard[draft.place] = list(draft.tokens)
        return plain(rules, draft)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rules, "show", show)
        assert sorted(place for place, _ in write(model, openings, limits)) == sorted(heard)
    return [heard[place] for place in range(len(openings))]


def write_all(model: LoadedModel, openings: Sequence[Opening], limits: Limits) -> list[Written]:
    found = list(write(model, openings, limits))
    assert sorted(place for place, _ in found) == list(range(len(openings)))
    return [written for _, written in sorted(found)]


def generate(small: Tiny, opening: Opening) -> list[int]:
    """What transformers writes, one text at a time."""
    row = small.network.generate(
        torch.tensor([opening.tokens]), max_new_tokens=MOST, do_sample=False
    )
    return list(row[0, len(opening.tokens) :].tolist())


def hold(texts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have at most `texts` written at a time."""
    monkeypatch.setattr(generation, "MOST_SLOTS", {"cpu": texts, "cuda": texts})


@pytest.mark.parametrize("shared", [SHARED, []], ids=["a prefix", "no prefix"])
@pytest.mark.parametrize("family", PACKABLE + UNPACKABLE, ids=lambda family: family.__name__)
def test_texts_are_those_that_transformers_writes_one_at_a_time(
    family: Make, shared: list[int], made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, model = made(family)
    assert (model.way is Way.PADDED) == (family in UNPACKABLE)
    hold(5, monkeypatch)
    monkeypatch.setattr(generation, "FIRST_BATCH", {"cpu": 40})
    openings = make_openings(shared=shared)
    expected = [generate(small, opening) for opening in openings]
    assert read_all(model, openings, GREEDY) == expected
    assert len({tuple(tokens) for tokens in expected}) > 6


@pytest.mark.parametrize("family", PACKABLE, ids=lambda family: family.__name__)
def test_each_pass_gives_the_logits_of_the_whole_text(
    family: Make, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, model = made(family)
    said: dict[tuple[int, int], torch.Tensor] = {}
    plain = Rules.choose

    def choose(rules: Rules, logits: torch.Tensor, drafts: Sequence[Draft]) -> list[int]:
        for draft, row in zip(drafts, logits, strict=True):
            said[draft.place, len(draft.tokens)] = row
        return plain(rules, logits, drafts)

    monkeypatch.setattr(Rules, "choose", choose)
    openings = make_openings(6)
    for place, tokens in enumerate(read_all(model, openings, GREEDY)):
        whole = torch.tensor([[*openings[place].tokens, *tokens[:-1]]])
        with torch.inference_mode():
            expected = small.network(whole).logits[0, -MOST:]
        found = torch.stack([said[place, number] for number in range(MOST)])
        assert torch.allclose(found, expected, atol=1e-3)


def test_nothing_that_a_model_sets_for_its_own_texts_is_followed(made: Any) -> None:
    for family in (tiny.llama, tiny.falcon):
        _, model = made(family)
        plain, kept = read_all(model, make_openings(), GREEDY), model.network.generation_config
        model.network.generation_config = GenerationConfig(repetition_penalty=5.0, max_length=30)
        assert read_all(model, make_openings(), GREEDY) == plain
        model.network.generation_config = kept


@pytest.fixture
def texts_a_pass(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each pass wrote a token of."""
    passes: list[int] = []
    plain = network.run_step

    def run_step(network: Any, tokens: Sequence[int], *rest: Any) -> torch.Tensor:
        passes.append(len(tokens))
        return plain(network, tokens, *rest)

    monkeypatch.setattr(network, "run_step", run_step)
    return passes


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The tokens of each row that was read."""
    read: list[list[int]] = []
    plain = network.run_packed

    def run_packed(network: Any, way: Way, row: Any, packing: Any) -> torch.Tensor:
        read.append(list(row.tokens))
        return plain(network, way, row, packing)

    monkeypatch.setattr(network, "run_packed", run_packed)
    return read


def test_a_text_that_waits_takes_the_slot_of_one_that_ends(
    llama: LoadedModel, texts_a_pass: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = [tokens[place] for place, tokens in enumerate(read_all(llama, make_openings(), GREEDY))]
    monkeypatch.setattr(llama.network, "generation_config", GenerationConfig(eos_token_id=ends))
    hold(4, monkeypatch)
    texts_a_pass.clear()
    found = write_all(llama, make_openings(), GREEDY)
    assert len({written.tokens for written in found}) > 4
    assert sum(texts_a_pass) == sum(written.tokens - 1 for written in found)
    full = texts_a_pass.index(3) if 3 in texts_a_pass else len(texts_a_pass)
    assert set(texts_a_pass[:full]) == {4}
    assert texts_a_pass == sorted(texts_a_pass, reverse=True)


def test_what_lay_in_memory_before_is_never_seen(
    llama: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(5, monkeypatch)
    expected = read_all(llama, make_openings(), GREEDY)
    torch.use_deterministic_algorithms(True)  # fills new memory with NaN
    try:
        assert read_all(llama, make_openings(), GREEDY) == expected
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("limits", [GREEDY, WARM], ids=["greedy", "warm"])
def test_no_text_depends_on_who_is_beside_it(
    ending: LoadedModel, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    openings = make_openings()
    alone = [write_all(ending, [opening], limits)[0] for opening in openings]
    assert len({written.tokens for written in alone}) > 4
    for texts in (1, 3, 32):
        hold(texts, monkeypatch)
        monkeypatch.setattr(unpacked, "TEXTS", {"cpu": texts})
        assert write_all(ending, openings, limits) == alone
        assert write_all(ending, openings[::-1], limits) == alone[::-1]


def test_equal_openings_are_read_once_and_go_on_each_in_its_own_way(
    llama: LoadedModel, rows: list[list[int]]
) -> None:
    openings = [make([*SHARED, 70, end], seed) for end in (80, 90) for seed in range(5)]
    found = read_all(llama, openings, WARM)
    assert sorted(map(len, rows)) == [2, 21]  # the prefix, and one token of each
    assert len({tuple(tokens) for tokens in found}) == 10
    rows.clear()
    assert read_all(llama, openings[:5], WARM) == found[:5]
    assert list(map(len, rows)) == [22]


def test_draws_follow_the_probabilities(llama: LoadedModel) -> None:
    logits = torch.tensor([[1.0, -torch.inf, 3.0, 2.0, -torch.inf]])
    rules = make_rules(llama, Limits(1, 0.5, ()))
    draft = Draft(0, make([1], seed=5))
    drawn = [rules.choose(logits, [draft])[0] for _ in range(4000)]
    shares = torch.bincount(torch.tensor(drawn), minlength=5) / len(drawn)
    assert shares.tolist() == pytest.approx((logits[0] / 0.5).softmax(-1).tolist(), abs=0.02)
    assert {1, 4}.isdisjoint(drawn)


def test_of_equally_likely_tokens_the_first_is_taken(llama: LoadedModel) -> None:
    rules = make_rules(llama, GREEDY)
    drafts = [Draft(0, make([1]))] * 2
    assert rules.choose(torch.tensor([[1.0, 4.0, 4.0], [7.0, 7.0, 7.0]]), drafts) == [1, 0]


@pytest.mark.parametrize("family", [tiny.llama, tiny.mamba], ids=lambda family: family.__name__)
def test_a_text_ends_before_a_stop_string_that_lies_across_tokens(family: Make, made: Any) -> None:
    _, model = made(family)
    openings = make_openings()
    whole = write_all(model, openings, GREEDY)
    assert {(text.finish, text.tokens) for text in whole} == {("limit", MOST)}
    stops = [
        (place, at, stop)
        for place, tokens in enumerate(read_all(model, openings, GREEDY))
        for at in range(3, MOST - 3)
        if (stop := model.tokenizer.decode(tokens[at : at + 3])).isascii()
        and whole[place].text.find(stop) == len(model.tokenizer.decode(tokens[:at]))
    ]
    for place, at, stop in stops[:: len(stops) // 3]:
        for text, full in zip(
            write_all(model, openings, replace(GREEDY, stop=("absent", stop))), whole, strict=True
        ):
            assert text.finish == ("stop string" if stop in full.text else "limit")
            assert text.text == full.text.split(stop)[0]
            assert text.tokens == at + 3 or full != whole[place]


def test_the_end_token_is_counted_and_no_part_of_the_text(ending: LoadedModel) -> None:
    openings = make_openings()
    ends = ending.network.generation_config.eos_token_id
    tokens = read_all(ending, openings, GREEDY)
    for text, own in zip(write_all(ending, openings, GREEDY), tokens, strict=True):
        ended = own[-1] in ends
        assert text.finish == ("end" if ended else "limit")
        assert text.tokens == len(own) <= MOST
        assert text.text == ending.tokenizer.decode(own[:-1] if ended else own)
        assert not set(own[:-1]) & set(ends)


def test_logits_that_are_no_numbers_are_refused(made: Any) -> None:
    for family in (tiny.llama, tiny.mamba):
        _, model = made(family)
        head = model.network.get_output_embeddings()
        hook = head.register_forward_hook(lambda _, __, logits: logits * torch.nan)
        with pytest.raises(NanLogits, match="damaged"):
            list(write(model, make_openings(), GREEDY))
        hook.remove()


def test_where_memory_ends_fewer_are_written_and_nothing_changes(
    llama: LoadedModel, texts_a_pass: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = write_all(llama, make_openings(), WARM)
    plain, taken = network.run_step, slots.Slots.take

    def run_step(network: Any, tokens: Sequence[int], *rest: Any) -> torch.Tensor:
        if len(tokens) > 3:
            raise NO_MEMORY
        return plain(network, tokens, *rest)

    def take(self: Any, kept: Any) -> None:
        if len(self.lengths) > 5:
            raise NO_MEMORY
        taken(self, kept)

    texts_a_pass.clear()
    monkeypatch.setattr(network, "run_step", run_step)
    monkeypatch.setattr(slots.Slots, "take", take)
    assert write_all(llama, make_openings(), WARM) == expected
    assert max(texts_a_pass) == 3


def test_a_row_that_memory_does_not_hold_is_halved(
    llama: LoadedModel, rows: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = write_all(llama, make_openings(), GREEDY)
    plain = network.run_packed

    def run_packed(network: Any, way: Way, row: Any, packing: Any) -> torch.Tensor:
        if len(row.segments) > 2:
            raise NO_MEMORY
        return plain(network, way, row, packing)

    monkeypatch.setattr(network, "run_packed", run_packed)
    rows.clear()
    assert write_all(llama, make_openings(), GREEDY) == expected
    assert len(rows) > 4


@pytest.mark.parametrize(
    ("where", "place"), [(network, "run_step"), (network, "run_packed"), (slots.Slots, "take")]
)
def test_a_text_that_no_memory_holds_is_told(
    where: Any, place: str, llama: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise NO_MEMORY

    monkeypatch.setattr(where, place, fail)
    with pytest.raises(OutOfMemory, match="does not fit"):
        list(write(llama, make_openings(), GREEDY))


def test_a_batch_of_transformers_own_is_halved_too(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, model = made(tiny.mamba)
    expected = write_all(model, make_openings(), WARM)
    plain, sizes = unpacked.write_batch, list[int]()

    def write_batch(model: LoadedModel, rules: Any, drafts: Sequence[Any]) -> None:
        sizes.append(len(drafts))
        if len(drafts) > 2:
            drafts[0].draw()
            raise NO_MEMORY
        plain(model, rules, drafts)

    monkeypatch.setattr(unpacked, "write_batch", write_batch)
    assert write_all(model, make_openings(), WARM) == expected
    assert sizes == [8, 4, 2, 2, 4, 2, 2, 4, 2, 2]


def test_neighbours_of_like_length_are_asked_together() -> None:
    assert slots.find_runs([100, 101, 900, 903]) == [(0, 2, 101), (2, 4, 903)]
    assert slots.find_runs([100, 120, 110]) == [(0, 3, 120)]
    assert slots.find_runs([5]) == [(0, 1, 5)]
