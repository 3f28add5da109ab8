-- Which choices of question $sample_id of $task does a label or a guideline forbid to its patient?
select
    letter,
    rule,
    words,
    contraindicated_choices.context,
    context_words,
    why,
    source,
    strength
from contraindicated_choices
join samples on samples.number = contraindicated_choices.sample
where task = $task and sample_id = $sample_id
order by letter, rule
