-- A published score is not between 0 and 1, or names a task that is not in the catalogue.
select entry, model, reported_scores.task, accuracy
from reported_scores
left join tasks using (task)
where accuracy is null or isnan(accuracy) or accuracy not between 0 and 1 or tasks.size is null
order by entry, reported_scores.task
