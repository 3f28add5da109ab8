-- Which runs are loaded, from which records?
select run_id, record_hash
from runs
order by run_id
