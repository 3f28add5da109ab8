"""What can go wrong when a model is asked, as exceptions that a person can act on.

    EvaluatorError
    ├── TaskError          the questions
    │   ├── UnknownTask
    │   ├── MissingSource      the file with the questions cannot be had
    │   ├── MissingColumns
    │   ├── WrongCount
    │   └── BadSample          a question without text, a gold letter outside the choices
    ├── UnknownProtocol
    ├── ModelError         the model
    │   ├── ModelNotFound
    │   ├── NoSafetensors
    │   ├── UnknownPrecision
    │   └── NanLogits
    └── RunError           the run folder
        ├── BrokenRun          a folder that is not what records.py says
        ├── MissingSamples
        ├── RunInUse           another process writes it
        └── AlreadyDone

Each message says what is wrong, where, what was expected, and what to do next.
"""


class EvaluatorError(Exception):
    """Base of all; the command line prints its message and no traceback."""


class TaskError(EvaluatorError):
    """The questions are not what the catalogue says."""


class UnknownTask(TaskError, LookupError):
    """No task of that name is in the catalogue."""


class MissingSource(TaskError):
    """The file with the questions cannot be had."""


class MissingColumns(TaskError):
    """The file lacks a column that the task reads."""


class WrongCount(TaskError):
    """The file has more or fewer questions than the task."""


class BadSample(TaskError):
    """A question that cannot be asked or scored."""


class UnknownProtocol(EvaluatorError, LookupError):
    """A protocol slug that this version cannot ask by."""


class ModelError(EvaluatorError):
    """The model cannot be had, loaded or trusted."""


class ModelNotFound(ModelError):
    """Neither embedded, nor a folder, nor on the Hub."""


class NoSafetensors(ModelError):
    """The weights are in a format that could run code when it is opened."""


class UnknownPrecision(ModelError):
    """A precision that is not one of those offered."""


class NanLogits(ModelError):
    """The model gave logits that are not finite: its answers would be noise."""


class RunError(EvaluatorError):
    """A run folder cannot be written or read."""


class BrokenRun(RunError):
    """A run folder that is not what `records.py` says."""


class MissingSamples(RunError):
    """A run ended without an answer to each question."""


class RunInUse(RunError):
    """Another process writes this run folder."""


class AlreadyDone(RunError):
    """The run is finished; asking again would change nothing."""
