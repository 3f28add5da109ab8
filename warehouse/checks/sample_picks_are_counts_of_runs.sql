-- What was picked on a question is of no question, or does not add up to its runs.
select task, sample_id, runs, picks, len(choices) as choices
from sample_picks
left join samples using (task, sample_id)
where len(picks) is distinct from len(choices)
    or list_sum(picks) > runs
    or list_min(picks) < 0
    or runs not between 1 and (
        select count(*) from counted_runs where counted_runs.task = sample_picks.task and votes
    )
order by task, sample_id
