-- Forgets the disputes in incoming, which the ledger does not have, or not as public ones.
delete from key_disputes where number in (select number from incoming);
