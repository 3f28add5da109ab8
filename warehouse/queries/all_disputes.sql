-- Which keys are disputed, of questions that are loaded or not? As the ledger numbers them.
select *
from key_disputes
order by number
