-- How often do the current runs of $lane pick each letter in $task, and how often is it the key?
-- A row per letter. The error is that of the difference over questions drawn anew, each with all
-- its picks; unreadable answers pick none and are not counted.
with shares as (
    select
        gold,
        list_transform(picks, lambda count: count / list_sum(picks)) as shares
    from sample_stats
    join samples using (task, sample_id)
    where lane = $lane and task = $task and list_sum(picks) > 0
),

letters as (
    select
        chr(64 + place::integer) as letter,
        coalesce(shares[place], 0) as picked,
        (gold = chr(64 + place::integer))::integer as keyed
    from shares
    cross join range(1, (select max(len(shares)) + 1 from shares)) as places (place)
)

select
    letter,
    count(*) as n,
    avg(picked) as picked,
    avg(keyed) as keyed,
    stddev_samp(picked - keyed) / sqrt(count(*)) as error
from letters
group by letter
order by letter
