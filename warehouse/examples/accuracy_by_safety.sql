-- Do models do worse where a mistake is likelier to harm?
select
    slice_value as safety_context,
    count(distinct run_id) as runs,
    sum(n) as answers,
    sum(correct) / sum(n) as accuracy,
    sum(unreadable) / sum(n) as unreadable_share
from scores
where slice = 'safety' and key_version = 'original'
group by safety_context
order by accuracy
