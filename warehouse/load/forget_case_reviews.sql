-- Forgets the reviews in incoming, which the ledger does not have, or not as public ones.
delete from case_reviews
where (case_number, reviewer) in (select (case_number, reviewer) from incoming);
