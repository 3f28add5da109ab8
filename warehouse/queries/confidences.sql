-- How sure was run $run_id of its first answer to each question, where it has probabilities, and was
-- it right? Answers to one question are not independent, so the others would narrow the intervals.
select task, headline, subject, confidence, correct
from graded
join tasks using (task)
where run_id = $run_id and repeat = 0 and confidence is not null
order by tasks.position, graded.position
