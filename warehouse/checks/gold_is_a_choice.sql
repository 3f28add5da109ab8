-- A gold letter is not one of the question's choices.
select task, sample_id, gold, len(choices) as choices
from samples
where gold is null
    or len(gold) <> 1
    or ascii(gold) - ascii('A') not between 0 and len(choices) - 1
order by task, sample_id
