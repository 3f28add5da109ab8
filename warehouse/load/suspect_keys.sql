-- Replaces the suspect keys of the tasks in incoming: how many strong models (see strong_sheets)
-- answered each question, and how many of them picked each choice. Suspect is a key where five or
-- more answered and at least four fifths picked the same other choice. Either the key is wrong, or
-- they all share a mistake: worth a look.
delete from suspect_keys where task in (select task from incoming);

insert into suspect_keys by name
with votes as (
    select
        task,
        sample_id,
        answered as strong,
        unnest(picks) as agreeing,
        unnest(range(len(picks))) as place,
        picks
    from incoming
)

select
    task,
    sample_id,
    gold,
    chr((ascii('A') + place)::integer) as suspected,
    strong,
    agreeing,
    picks[ascii(gold) - ascii('A') + 1] as right_picks
from votes
join samples using (task, sample_id)
where suspected <> gold and strong >= 5 and agreeing >= 0.8 * strong
order by task, sample_id;
