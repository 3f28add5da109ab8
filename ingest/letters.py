"""From what a log says of an answer to a letter of our question."""

from collections.abc import Sequence

from evaluator.answers import match_choice, plain, read_choice
from evaluator.samples import Sample
from ingest.foreign import Answer


def same_choices(choices: Sequence[str], sample: Sample) -> bool:
    """Whether they are the sample's, in its order or, where no two are alike, in any."""
    ours, theirs = [plain(choice) for choice in sample.choices], [plain(each) for each in choices]
    return ours == theirs or (len(set(ours)) == len(ours) and sorted(ours) == sorted(theirs))


def put_back(answer: Answer, sample: Sample) -> Answer:
    """`answer` with its letters, and its log-probabilities, in our order of the choices."""
    letters = sample.letters
    theirs = answer.choices or sample.choices
    gold = answer.gold
    if gold is not None and gold not in tuple(letters):
        gold = match_choice(gold, theirs) or gold
    places = [plain(choice) for choice in theirs]
    order = [plain(choice) for choice in sample.choices]
    if places == order or not same_choices(theirs, sample):
        return answer if gold == answer.gold else answer._replace(gold=gold)
    ours = {letters[places.index(order[place])]: letters[place] for place in range(len(order))}
    said = answer.response if answer.prediction is None else answer.prediction
    letter = read_letter(said, sample.model_copy(update={"choices": theirs}))
    scores = answer.logprobs
    if scores is not None and len(scores) == len(places):
        scores = tuple(scores[places.index(choice)] for choice in order)
    return answer._replace(
        gold=ours.get(gold, gold) if gold else None,
        prediction=ours[letter] if letter else answer.prediction,
        logprobs=scores,
    )


def read_letter(text: str | None, sample: Sample) -> str | None:
    """The letter that `text` states, or whose choice it spells out; None for neither."""
    if text is None:
        return None
    if text.strip().upper() in tuple(sample.letters):  # before a choice that is itself "A"
        return text.strip().upper()
    return match_choice(text, sample.choices) or read_choice(text, sample.letters, sample.choices)
