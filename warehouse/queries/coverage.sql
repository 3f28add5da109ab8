-- What do the questions of each task cover? One row per task and part of its questions.
-- A part is a safety context, a specialty (empty where the source names none), a number of choices,
-- those that are explained, or those with a choice that a rule forbids to the patient.
with parts as (
    select task, 'safety' as kind, unnest(safety_tags) as part
    from samples
    union all
    select task, 'subject', coalesce(subject, '')
    from samples
    union all
    select task, 'choices', len(choices)::varchar
    from samples
    union all
    select task, 'explained', ''
    from samples
    where explanation is not null
    union all
    select task, 'forbidden', ''
    from samples
    where number in (select sample from contraindicated_choices)
)

select task, position, kind, part, count(*) as n
from parts
join tasks using (task)
group by task, position, kind, part
order by position, kind, part
