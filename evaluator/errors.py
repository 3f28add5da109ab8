"""What can go wrong when a model is asked, as exceptions that a person can act on.

    EvaluatorError
    ├── TaskError          the questions
    │   ├── UnknownTask
    │   ├── BadTask            a task file, or what it describes, with all its faults
    │   ├── MissingSource      the file with the questions cannot be had
    │   └── DatasetMismatch    the file is not the one that the catalogue pins
    │       ├── MissingColumns
    │       ├── WrongCount
    │       └── BadSample      a question without text, a gold letter outside the choices
    ├── UnknownProtocol
    ├── ModelError         the model
    │   ├── ModelNotFound
    │   ├── GatedModel         its owner gives access person by person
    │   ├── NeedsRemoteCode
    │   ├── NoSafetensors
    │   ├── UnknownArchitecture
    │   │   └── NotCausal      an encoder
    │   ├── BrokenConfig
    │   ├── BrokenTokenizer
    │   ├── BrokenWeights
    │   ├── NoBase             which model an adapter or a delta belongs to is not said
    │   ├── DoesNotFit         its base is of another shape
    │   ├── BrokenAdapter
    │   ├── UnmergeableAdapter
    │   ├── NoChatTemplate
    │   ├── UnknownPrecision
    │   ├── OutOfMemory
    │   ├── NanLogits
    │   ├── BadAddress         the server that runs it is not named as it has to be
    │   ├── NoKey
    │   ├── ServerRefused      asking once more would change nothing
    │   └── NoLogprobs         the server gives no log-probabilities of a choice
    ├── TransferError      the network and the disk
    │   ├── DownloadFailed
    │   ├── ServerFailed       the server that runs the model gave no answer, often as it was asked
    │   ├── TimedOut
    │   ├── ClusterFailed      the machines that Ray has do not do what they should
    │   └── DiskFull
    ├── NotChecked         whether a model can be evaluated did not become known
    └── RunError           the run folder
        ├── BrokenRun          a folder that is not as records.py and tables.py say
        ├── MissingSamples
        ├── RunInUse           another process writes it
        └── AlreadyDone

Each message says what is wrong, where, what was expected, and what to do next. Each class has a
`code`, its name in lower case with hyphens, that a page or another program can go by.
"""

import re
from collections.abc import Sequence

MOST_FAULTS = 200  # shown of a task file


class EvaluatorError(Exception):
    """Base of all; the command line prints its code and message, and no traceback."""

    code = "evaluator-error"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class TaskError(EvaluatorError):
    """The questions are not what the catalogue says."""


class UnknownTask(TaskError, LookupError):
    """No task of that name is in the catalogue."""


class BadTask(TaskError):
    """A task file, or the files that it describes, cannot be used."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        """Each as where it is, and what is wrong there."""
        shown = [f"{where}: {says}" for where, says in self.faults[:MOST_FAULTS]]
        if (more := len(self.faults) - MOST_FAULTS) > 0:
            shown.append(f"and {more:,} more.")
        super().__init__("\n".join(shown))


class MissingSource(TaskError):
    """The file with the questions cannot be had."""


class DatasetMismatch(TaskError):
    """The questions are others than the catalogue, or a run's record, says."""


class MissingColumns(DatasetMismatch):
    """The file lacks a column that the task reads."""


class WrongCount(DatasetMismatch):
    """The file has more or fewer questions than the task."""


class BadSample(DatasetMismatch):
    """A question that cannot be asked or scored."""


class UnknownProtocol(EvaluatorError, LookupError):
    """A protocol slug that this version cannot ask by."""


class ModelError(EvaluatorError):
    """The model cannot be had, loaded or trusted."""


class ModelNotFound(ModelError):
    """Neither embedded, nor a folder, nor on the Hub."""


class GatedModel(ModelError):
    """The Hub gives the model only to those whom its owner has admitted."""


class NeedsRemoteCode(ModelError):
    """The model works only with code of its repository, which is never run."""


class NoSafetensors(ModelError):
    """The weights are in a format that could run code when it is opened."""


class UnknownArchitecture(ModelError):
    """transformers knows no causal language model of that kind."""


class NotCausal(UnknownArchitecture):
    """Its tokens see what comes after them, so a continuation has no probability."""


class BrokenConfig(ModelError):
    """`config.json` does not load."""


class BrokenTokenizer(ModelError):
    """The tokenizer does not load, or cannot do what scoring needs."""


class BrokenWeights(ModelError):
    """The weights do not load, or not all of them are there."""


class NoBase(ModelError):
    """Which model an adapter or a delta is added to is not said, or a whole model is given one."""


class DoesNotFit(ModelError):
    """An adapter or a delta that was made for a model of another shape than its base."""


class BrokenAdapter(ModelError):
    """The settings or the weights of an adapter do not load, or not all of them are there."""


class UnmergeableAdapter(ModelError):
    """An adapter that is no LoRA, or a LoRA that cannot become part of its base's weights."""


class NoChatTemplate(ModelError):
    """A chat protocol needs a template that the tokenizer does not have."""


class UnknownPrecision(ModelError):
    """A precision that is not one of those offered."""


class OutOfMemory(ModelError):
    """The model, or one question beside it, does not fit the memory of the devices."""


class NanLogits(ModelError):
    """The model gave logits that are not finite: its answers would be noise."""


class BadAddress(ModelError):
    """The address of a server, or the variable of its key, is none or holds a secret."""


class NoKey(ModelError):
    """The variable that is to hold a server's key is not set."""


class ServerRefused(ModelError):
    """A server does not take the key, the model's name, or what it is asked."""

    def __init__(self, words: str, said: str = "") -> None:
        super().__init__(words)
        self.said = said
        """What the server said; untrusted, perhaps with the key in it."""


class NoLogprobs(ModelError):
    """A server gives no log-probabilities of a text, or not of just its last words."""


class TransferError(EvaluatorError):
    """Something could not be brought here or written down."""


class DownloadFailed(TransferError):
    """The Hub did not give a file."""


class ServerFailed(TransferError):
    """A server gave no answer that can be read, however often it was asked."""


class TimedOut(TransferError):
    """The Hub did not answer in time, or a run took longer than it may."""


class ClusterFailed(TransferError):
    """The workers of a Ray cluster cannot be had, differ from here, or end again and again."""


class DiskFull(TransferError):
    """No space is left where something is written."""


class NotChecked(EvaluatorError):
    """A check did not come to an end, for no fault of the model: it can be tried again."""


class RunError(EvaluatorError):
    """A run folder cannot be written or read."""


class BrokenRun(RunError):
    """A run folder that is not what `records.py` and `tables.py` say."""


class MissingSamples(RunError):
    """A run ended without an answer to each question."""


class RunInUse(RunError):
    """Another process writes this run folder."""


class AlreadyDone(RunError):
    """The run is finished; asking again would change nothing."""
