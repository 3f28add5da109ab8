-- Which letter does each model pick too often?
with picked as (
    select run_id, task, unnest(string_split(picks, '')) as letter
    from answer_sheets
    where task = 'mmlu_anatomy'
),

keys as (
    select gold as letter, count(*) / sum(count(*)) over () as key_share
    from samples
    where task = 'mmlu_anatomy'
    group by gold
)

select
    model,
    lane,
    letter,
    count(*) / sum(count(*)) over (partition by run_id) as picked_share,
    any_value(key_share) as key_share
from picked
join runs using (run_id)
left join keys using (letter)
group by run_id, model, lane, letter
order by picked_share - coalesce(any_value(key_share), 0) desc
limit 100
