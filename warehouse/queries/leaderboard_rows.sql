-- Everything the leaderboard page shows of each run and published entry.
select *
from leaderboard
order by lane, average desc nulls last, model, entry, headline
