-- Where was a single model wrong, and all others right?
select lane, task, sample_id, only_wrong as run_id, runs, question
from sample_stats
join samples using (task, sample_id)
where only_wrong is not null
order by runs desc, task, sample_id
limit 100
