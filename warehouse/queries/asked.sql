-- Which questions of $task did run $run_id answer, in the order of the source?
select distinct sample_id, position
from graded
where run_id = $run_id and task = $task
order by position
