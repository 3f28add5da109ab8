-- A judged case is of a run or a question that is not loaded, or of no choice of it.
select case_number, judged_cases.run_id, task, sample_id, prediction, len(choices) as choices
from judged_cases
left join runs using (run_id)
left join samples using (task, sample_id)
where runs.number is null
    or samples.number is null
    or len(prediction) <> 1
    or ascii(prediction) - ascii('A') not between 0 and len(choices) - 1
order by case_number
