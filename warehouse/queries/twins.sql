-- Which questions stand elsewhere too, to the letter (exact) or in other words?
select
    this.task,
    this.sample_id,
    this.gold,
    this.question,
    this.content_hash = other.content_hash as exact,
    bool_or(other.gold <> this.gold) as other_key,
    string_agg(other.task || '/' || other.sample_id, ', ' order by other.number) as others
from samples as this
join samples as other using (cluster_id)
where this.number <> other.number
group by this.task, this.sample_id, this.gold, this.question, this.position, exact
order by this.task, this.position, exact
