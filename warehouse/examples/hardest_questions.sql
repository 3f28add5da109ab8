-- Which questions does nearly every model get wrong?
select lane, task, sample_id, runs, difficulty, gold, picks, question
from sample_stats
join samples using (task, sample_id)
where runs >= 5
order by difficulty, runs desc, task, sample_id
limit 100
