-- From whose answers can most often no choice be read?
select
    model,
    lane,
    sum(n) as answers,
    sum(scores.unreadable) as unreadable,
    sum(scores.unreadable) / sum(n) as unreadable_share
from scores
join runs using (run_id)
where slice = 'all' and key_version = 'original'
group by model, lane, run_id
having sum(scores.unreadable) > 0
order by unreadable_share desc
limit 100
