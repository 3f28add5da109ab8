-- A loaded task has more or fewer questions than it should.
select task, size, count(samples.sample_id) as loaded
from tasks
left join samples using (task)
where samples_hash <> ''
group by task, size
having count(samples.sample_id) <> size
order by task
