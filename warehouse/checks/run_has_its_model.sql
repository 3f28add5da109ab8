-- A run's model and revision are missing, or stand twice.
select run_id, model, revision, count(models.type) as models
from runs
left join models using (model, revision)
group by run_id, model, revision
having count(models.type) <> 1
order by run_id
