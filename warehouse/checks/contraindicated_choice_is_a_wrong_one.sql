-- A contraindicated choice is no choice of its question or the right one, or it lacks its reason.
select sample, letter, rule, gold, strength, len(context_words) as context_words
from contraindicated_choices
left join samples on samples.number = contraindicated_choices.sample
where gold is null
    or letter = gold
    or len(letter) <> 1
    or ascii(letter) - ascii('A') not between 0 and len(choices) - 1
    or strength not in ('contraindicated', 'avoid')
    or '' in (trim(words), trim(why), trim(contraindicated_choices.source), trim(rule))
    or len(context_words) = 0
order by sample, letter, rule
