-- Which questions offer a choice twice, and is the key one of these?
with folded as (
    select
        *,
        list_transform(choices, lambda choice: lower(trim(choice))) as texts,
        list_transform(texts, lambda text: len(list_filter(texts, lambda other: other = text)))
            as times
    from samples
)

select
    task,
    sample_id,
    gold,
    question,
    choices[list_position(list_transform(times, lambda n: n > 1), true)] as repeated,
    times[ascii(gold) - ascii('A') + 1] > 1 as key_repeated
from folded
where list_max(times) > 1
order by task, position
