"""Loads a stranger's configuration and tokenizer, in a process of its own that may fail.

`python -m evaluator.engines.tryout <folder> <seconds> <bytes> <part>…` prints `ready` and then a
line of JSON a part. Nothing of the folder is executed, nothing is fetched, and what the process
may take is limited. `evaluator.trial` starts it, with a folder that may be changed.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import transformers
from transformers import AutoConfig
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
)

from evaluator.engines import chat, loading
from evaluator.errors import (
    BrokenConfig,
    ModelError,
    NeedsRemoteCode,
    NoChatTemplate,
    UnknownArchitecture,
)

CONFIG = "config.json"
FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec",
             "os.posix_spawn", "os.fork")  # fmt: skip
OTHER_HEADS = (
    "ForMaskedLM",
    "ForPreTraining",
    "ForQuestionAnswering",
    "ForSequenceClassification",
    "ForTokenClassification",
)


def main() -> None:
    folder, seconds, memory, *parts = sys.argv[1:]
    limit(int(seconds), int(memory))
    sys.addaudithook(refuse)
    print("ready", flush=True)
    for part in parts:
        print(json.dumps(try_part(Path(folder), part)), flush=True)


def limit(seconds: int, memory: int) -> None:
    """From here on: so much more CPU time, so many more bytes, and no file is written."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = int(used.ru_utime + used.ru_stime) + 1 + seconds
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    space = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))  # SIGXCPU, which names its reason
    for kind, most in (
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def refuse(event: str, _: object) -> None:
    """Python calls it before whatever it does to the world outside the process."""
    if event in FORBIDDEN:
        raise PermissionError(f"{event} is not allowed here")


def try_part(folder: Path, part: str) -> dict[str, Any]:
    """What became of loading "config" or "tokenizer", as `evaluator.trial.try_loading` has it."""
    try:
        return {"part": part, **TRIALS[part](folder)}
    except ModelError as error:
        detail = explain(error, str(folder))
        return {"part": part, "problem": name_problem(error, part), "detail": detail}


def try_config(folder: Path) -> dict[str, Any]:
    """Raises a `ModelError` unless it is the configuration of a causal language model."""
    try:
        with loading.plain_errors(folder, BrokenConfig):
            config = AutoConfig.from_pretrained(folder, **loading.LOCAL)
    except ModelError:
        (folder / CONFIG).unlink()  # the tokenizer would fail for the same reason
        raise
    heads = list(config.architectures or ())
    if (json.loads((folder / CONFIG).read_bytes()).get("auto_map")) and not any(
        hasattr(transformers, head) for head in heads
    ):
        raise NeedsRemoteCode(f"{', '.join(heads) or 'its model'} is a class of its own")
    known = type(config) in MODEL_FOR_CAUSAL_LM_MAPPING
    if not known or getattr(config, "is_encoder_decoder", False):
        raise UnknownArchitecture(f"its model type is {config.model_type}")
    if heads and all(head.endswith(OTHER_HEADS) for head in heads):
        raise UnknownArchitecture(f"it is a {heads[0]}")
    name = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES[config.model_type]
    return {"architecture": name if isinstance(name, str) else name[0]}


def try_tokenizer(folder: Path) -> dict[str, Any]:
    """Raises a `ModelError` where it does not load; says whether it has a chat template."""
    tokenizer = loading.load_tokenizer(folder)
    try:
        chat.find_template(tokenizer)
    except NoChatTemplate:
        return {"chat_template": False}
    return {"chat_template": True}


TRIALS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "config": try_config,
    "tokenizer": try_tokenizer,
}


def name_problem(error: ModelError, part: str) -> str:
    if isinstance(error, NeedsRemoteCode):
        return "remote-code"
    return "unknown-architecture" if isinstance(error, UnknownArchitecture) else f"broken-{part}"


def explain(error: ModelError, folder: str) -> str:
    """What transformers said, with the name of its exception, or what we say ourselves."""
    if (cause := error.__cause__) is None:
        return str(error)
    return f"{type(cause).__name__}: {cause}"[:1000].replace(f"{folder}/", "").replace(folder, "it")


if __name__ == "__main__":
    main()
