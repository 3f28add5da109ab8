-- Which models answer best in each lane?
select lane, model, precision, average, average_low, average_high
from leaderboard
where headline and average is not null
order by lane, average desc
limit 100
