-- Everything the leaderboard page shows of each run and published entry.
select leaderboard.*, licence, architecture
from leaderboard
left join models using (model, revision)
order by lane, average desc nulls last, model, entry, headline
