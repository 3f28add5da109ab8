-- Which number has each loaded run?
select run_id, number
from runs
order by number
