-- How sure was run $run_id of each answer that has probabilities, and was it right?
select task, subject, confidence, correct
from graded
join tasks using (task)
where run_id = $run_id and confidence is not null
order by tasks.position, graded.position, repeat
