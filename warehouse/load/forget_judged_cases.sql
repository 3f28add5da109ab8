-- Forgets the cases in incoming, which the ledger does not have, or not as public ones.
delete from judged_cases where case_number in (select case_number from incoming);
