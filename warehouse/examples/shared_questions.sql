-- Which questions stand in more than one task?
select
    count(*) as copies,
    list(task || '/' || sample_id order by task) as places,
    count(distinct gold) as different_keys,
    any_value(question) as question
from samples
group by content_hash
having copies > 1
order by copies desc, places
