-- Which models are hidden from the leaderboard or flagged there, why, and since when?
select model, kind, why, since
from model_marks
order by model
