-- Forgets the submissions in incoming, which the ledger does not have.
delete from submissions where number in (select number from incoming);
