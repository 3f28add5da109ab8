"""What can go wrong in the warehouse, as exceptions that a person can act on.

WarehouseError
├── NoSnapshot         nothing is published yet
├── UnknownSnapshot
├── BrokenSnapshot     its file, or the one that points to it, is damaged
├── OldSchema          the snapshot was made by another version of the tables
├── UnknownQuery
├── WrongParameters
├── StatementFailed    what someone typed cannot be answered
├── SandboxBusy        as many statements as may run at once do
├── BrokenSettings     settings.toml says what it may not
├── WarehouseInUse     another process is writing
├── LakeUnreachable    its catalogue does not answer
├── NoExtension        DuckDB lacks what a lake needs
├── CopyDiffers        what was copied is not what there was; nothing was published
├── LoadFailed         the database refused it; nothing was published
│   └── NoRoom             on the disk, or in memory
└── AuditFailed        what was loaded breaks a rule; nothing was published
"""


class WarehouseError(Exception):
    """Base of all; the command line prints its message and no traceback."""


class NoSnapshot(WarehouseError):
    """Nothing is published yet."""


class UnknownSnapshot(WarehouseError, LookupError):
    """No snapshot has that number."""


class BrokenSnapshot(WarehouseError):
    """The snapshot's file, or the one that points to it, is damaged."""


class OldSchema(WarehouseError):
    """The snapshot was made by another version of the tables."""


class UnknownQuery(WarehouseError, LookupError):
    """No file in `queries/` has that name."""


class WrongParameters(WarehouseError):
    """A query was given other parameters than it uses."""


class StatementFailed(WarehouseError):
    """What someone typed cannot be answered, or not within the limits."""


class SandboxBusy(WarehouseError):
    """As many typed statements as may run at once are running."""


class BrokenSettings(WarehouseError):
    """The data folder's settings.toml is not what it should be."""


class WarehouseInUse(WarehouseError):
    """Another process is writing this warehouse."""


class LakeUnreachable(WarehouseError):
    """The lake's catalogue does not answer, or is none."""


class NoExtension(WarehouseError):
    """DuckDB has not the extension that a lake needs."""


class LoadFailed(WarehouseError):
    """The database refused what was to be loaded; nothing was published."""


class NoRoom(LoadFailed):
    """The disk or the memory did not suffice; nothing was published."""


class AuditFailed(WarehouseError):
    """What was loaded breaks a rule; nothing was published."""


class NotEmpty(WarehouseError):
    """A folder that is to be written has something in it."""


class CopyDiffers(WarehouseError):
    """A table's rows are others where it was copied to; nothing was published."""


class NotPushed(WarehouseError):
    """The Hub did not take what was exported."""
