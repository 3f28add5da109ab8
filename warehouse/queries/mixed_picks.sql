-- What did each run of $lane pick that is ranked in all of $tasks?
-- Of questions of tasks in which it was asked several times, shares has the share right.
with asked as (
    select run_id, task, picks, shares
    from ranked_runs
    join answer_sheets using (run_id, task)
    where lane = $lane and list_contains($tasks, task)
),

several as (
    select distinct run_id, true as is_several
    from asked
    where shares is not null
)

select
    asked.run_id,
    string_agg(picks, '' order by task) as picks,
    joined_shares(shares, picks, is_several, task) as shares
from asked
left join several using (run_id)
group by asked.run_id
having count(*) = len($tasks)
order by asked.run_id
