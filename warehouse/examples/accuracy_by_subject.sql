-- In which subjects are models weakest?
select
    task,
    slice_value as subject,
    max(n) as questions,
    count(*) as runs,
    avg(accuracy) as mean_accuracy,
    max(accuracy) as best_accuracy
from scores
where slice = 'subject' and key_version = 'original'
group by task, subject
having questions >= 20
order by mean_accuracy
