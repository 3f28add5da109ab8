-- An entry stands twice on the leaderboard, or a published one is missing there.
select entry, count(*) as times
from leaderboard
group by entry, board
having count(*) > 1
union all
select distinct entry, 0
from reported_scores
where entry not in (select entry from leaderboard)
    and model not in (select model from model_marks where kind = 'hidden')
order by entry
