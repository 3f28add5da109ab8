"""What can go wrong with the ledger, as exceptions that a person can act on.

LedgerError
├── BadLedgerAddress
├── LedgerOutOfReach   the database does not answer; nothing was written
├── NewerLedger        a later program made its tables
├── UnknownSubmission
├── UnknownCase        no case, review or dispute has this number
├── BadSubmission      what someone submits or says is too long, or cannot be kept or shown
├── TooMany            of one submitter in one day
├── IllegalMove        no such step leads from where it is
├── AlreadySubmitted   the same is waiting, running or finished
├── AlreadyReviewed    the same person has judged the case
├── LeaseLost          another has it by now
├── BackupRefused      it is damaged, of another version, or would replace what is there
└── NotAllowed         who asks may not do that
"""

from warehouse.errors import WarehouseError


class LedgerError(WarehouseError):
    """Base of all."""


class BadLedgerAddress(LedgerError):
    """What names the ledger is no address of a database that we speak to."""


class LedgerOutOfReach(LedgerError):
    """The database does not answer; nothing was written."""


class NewerLedger(LedgerError):
    """A later version of the program made its tables."""


class UnknownSubmission(LedgerError, LookupError):
    """No submission has this number."""


class UnknownCase(LedgerError, LookupError):
    """No case, review or dispute has this number."""


class BadSubmission(LedgerError):
    """What someone submits or says is too long, or has characters that cannot be kept or shown."""


class TooMany(LedgerError):
    """One submitter has submitted as much as is taken in a day."""


class IllegalMove(LedgerError):
    """No such step leads from where the submission, the case or the dispute is."""


class AlreadySubmitted(LedgerError):
    """The same model, commit, precision, protocol and tasks wait, run or are finished."""


class AlreadyReviewed(LedgerError):
    """The same person has judged the case; they may correct that."""


class LeaseLost(LedgerError):
    """Another process has the submission, or another person the case, by now."""


class BackupRefused(LedgerError):
    """A backup is damaged, of another version, or would replace what is there."""


class NotAllowed(LedgerError):
    """Who asks may not do that."""
