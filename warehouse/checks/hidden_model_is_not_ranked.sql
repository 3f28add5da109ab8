-- A model that is hidden stands on the leaderboard, or one of its runs has a rank.
with hidden as (
    select model
    from model_marks
    where kind = 'hidden'
)

select model, entry, 'leaderboard' as place
from leaderboard
join hidden using (model)
union all
select model, run_id, lane || ', ' || task
from rank_intervals
join runs using (run_id, lane)
join hidden using (model)
order by model, entry, place
