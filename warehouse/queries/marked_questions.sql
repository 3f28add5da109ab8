-- Which questions of $task do the current runs of $lane answer strangely? $mark says how: negative
-- (who does well elsewhere is wrong here), nobody or everybody (has it right). The worst first.
select
    task,
    sample_id,
    question,
    gold,
    runs,
    difficulty,
    discrimination,
    chr(64 + list_position(picks, list_max(picks))::integer) as favourite,
    count(*) over () as total
from sample_stats
join samples using (task, sample_id)
where lane = $lane
    and task = $task
    and case $mark
        when 'negative' then discrimination < 0
        when 'nobody' then difficulty = 0
        when 'everybody' then difficulty = 1
    end
order by discrimination nulls last, difficulty, samples.position
limit $page_size
offset $skip
