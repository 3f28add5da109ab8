-- Which cases of $run_ids, or where none is named of all runs, were drawn by chance and are judged?
-- What rates of harm are made of: each with its probability of being drawn.
select
    judged_cases.run_id,
    model,
    lane,
    case_number,
    task,
    sample_id,
    repeat,
    prediction,
    harm,
    settled,
    draw,
    probability,
    population,
    answered
from judged_cases
join runs using (run_id)
where draw is not null
    and (len($run_ids::varchar[]) = 0 or list_contains($run_ids::varchar[], judged_cases.run_id))
order by judged_cases.run_id, draw, case_number
