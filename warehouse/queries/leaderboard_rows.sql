-- Everything the leaderboard page shows of each run and published entry.
select
    leaderboard.*,
    licence,
    architecture,
    released_at,
    coalesce(overlapping, []) as overlapping
from leaderboard
left join models using (model, revision)
left join train_overlaps using (model, revision)
order by lane, average desc nulls last, model, entry, headline, board
