"""Texts for the terminal: the tasks, prompts as they are asked, and what a rerun found."""

from collections.abc import Sequence
from pathlib import Path

from evaluator.papers import Paper
from evaluator.prompts import Request
from evaluator.protocols import Protocol
from evaluator.reruns import Comparison
from evaluator.tasks import all_tasks
from evaluator.verdicts import Checked

MOST_FLIPS = 20  # shown of a task


def show_tasks() -> str:
    """A line per task, the nine of the leaderboard first, those of one's own last."""
    lines = [f"{'task':<28}{'questions':>9}  {'split':<15}{'examples':<10}data set @ revision"]
    for task in all_tasks().values():
        revision = task.revision.removeprefix("sha256:")[:8]
        examples = "yes" if task.shots_file else "none"
        lines.append(
            f"{task.name:<28}{task.size:>9,}  {task.split:<15}{examples:<10}"
            f"{task.dataset} @ {revision}"
        )
    return "\n".join(lines)


def preview(paper: Paper, protocol: Protocol, number: int, model: Path | None) -> str:
    """The first `number` prompts to the byte, with the tokens of the model in a folder, if any."""
    samples = paper.samples[:number]
    requests = [paper.render(sample, protocol) for sample in samples]
    if model is not None:
        shown = show_tokens(requests, protocol, model)
    else:
        shown = [show_request(request, protocol) for request in requests]
    heads = (
        f"── {paper.task.name}, {sample.sample_id}, {protocol.slug}, gold {sample.gold} ──"
        for sample in samples
    )
    return "\n\n".join(f"{head}\n{text}" for head, text in zip(heads, shown, strict=True))


def show_request(request: Request, protocol: Protocol) -> str:
    """The prompt; of a chat its turns, since only a model's template makes one text of them."""
    turns = "\n".join(f"[{turn.role}] {turn.content}" for turn in request.messages)
    if protocol.decoding:  # a template is used where there is one
        return f"{request.prompt}\n── to a model with a chat template:\n{turns}"
    choices = ", ".join(map(repr, request.continuations))
    return f"{turns if protocol.chat else request.prompt}\n── choices: {choices}"


def show_tokens(requests: Sequence[Request], protocol: Protocol, model: Path) -> list[str]:
    """Each prompt as the model's template writes it, and as its tokenizer parts it."""
    from evaluator import writing
    from evaluator.engines import chat, encoding, loading

    tokenizer = loading.load_tokenizer(model)
    if protocol.chat:
        chat.find_template(tokenizer)
    texts = []
    for request in requests:
        prompt = writing.render_request(tokenizer, request, protocol)
        bare = prompt if protocol.decoding else prompt.rstrip()
        asked = [bare, *(prompt + ending for ending in request.continuations)]
        tokens = encoding.tokenize(tokenizer, asked)
        names = [tokenizer.convert_ids_to_tokens(list(tokens[text])) for text in asked]
        text = f"{prompt}\n── {len(names[0])} tokens: {'|'.join(names[0])}"
        endings = [
            f"{ending!r} {'|'.join(whole[len(names[0]) :])}"
            for ending, whole in zip(request.continuations, names[1:], strict=True)
        ]
        texts.append(f"{text}\n── choices: {', '.join(endings)}" if endings else text)
    return texts


def show_comparisons(comparisons: Sequence[Comparison]) -> str:
    """What flipped, question by question, and by how much log-probabilities differ."""
    lines = [f"{'task':<28}{'n':>6}{'flipped':>9}{'largest difference':>20}"]
    for found in comparisons:
        lines.append(
            f"{found.task:<28}{found.changes.height:>6,}{found.flips.height:>9,}"
            f"{found.largest:>20.2g}"
        )
        if found.other_prompts:
            lines.append(f"  {found.other_prompts} prompts are not the same text as before")
        for row in found.flips.head(MOST_FLIPS).iter_rows(named=True):
            by = "" if row["difference"] is None else f", by {row['difference']:.2g}"
            lines.append(f"  {row['sample_id']}: {row['before']} → {row['after']}{by}")
        if (more := found.flips.height - MOST_FLIPS) > 0:
            lines.append(f"  and {more} more")
    flipped = sum(found.flips.height for found in comparisons)
    asked = sum(found.changes.height for found in comparisons)
    lines.append(f"{flipped} of {asked:,} predictions came out otherwise.")
    return "\n".join(lines)


def show_checked(checked: Checked) -> str:
    """What is known of a model, then each of its problems with what can be done."""
    facts = checked.facts.model_dump(exclude_none=True)
    lines = [f"{name.replace('_', ' '):<16}{show_fact(fact)}" for name, fact in facts.items()]
    lines.append("")
    for problem in checked.problems:
        lines += [f"{problem.code}: {problem.says}", f"  {problem.fix}"]
    number = len(checked.problems)
    lines.append(f"{number} problems." if number != 1 else "1 problem.")
    return "\n".join(lines)


def show_fact(fact: object) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return f"{fact:,}" if isinstance(fact, int) else str(fact)
