-- How hard are the questions of $task for the current runs of $lane, and how well do they tell runs
-- apart? A row per twentieth of difficulty.
select
    least(floor(difficulty * 20), 19)::integer as bin,
    any_value(runs) as runs,
    count(*) as n,
    count(*) filter (where difficulty = 0) as nobody,
    count(*) filter (where difficulty = 1) as everybody,
    count(discrimination) as judged,
    count(*) filter (where discrimination < 0) as negative,
    median(discrimination) as discrimination
from sample_stats
where lane = $lane and task = $task
group by bin
order by bin
