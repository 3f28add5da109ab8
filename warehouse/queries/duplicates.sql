-- Which other questions are exact duplicates of question $sample_id of $task?
select other.task, other.sample_id, tasks.title as task_title, other.gold
from samples as this
join samples as other using (content_hash)
join tasks on tasks.task = other.task
where this.task = $task
    and this.sample_id = $sample_id
    and (other.task <> this.task or other.sample_id <> this.sample_id)
order by other.task, other.sample_id
