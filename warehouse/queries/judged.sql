-- Which cases of $run_ids, or where none is named of all runs, were drawn by chance and are judged?
-- What rates of harm are made of: `counted` is the probability of being drawn and judged by now.
select
    judged_cases.run_id,
    model,
    lane,
    case_number,
    case when headline then 'nine' else task end as board,
    task,
    sample_id,
    repeat,
    prediction,
    harm,
    settled,
    draw,
    probability,
    probability * judged_share as counted,
    population,
    answered,
    drawn
from judged_cases
join runs using (run_id)
join tasks using (task)
where draw is not null
    and (len($run_ids::varchar[]) = 0 or list_contains($run_ids::varchar[], judged_cases.run_id))
order by judged_cases.run_id, draw, case_number
