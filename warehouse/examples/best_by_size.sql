-- Which is the best model of each size?
select
    case
        when parameters < 1e9 then 'below 1B'
        when parameters < 4e9 then '1B to 4B'
        when parameters < 10e9 then '4B to 10B'
        when parameters < 40e9 then '10B to 40B'
        else '40B and more'
    end as size,
    lane,
    count(*) as models,
    arg_max(model, average) as best,
    max(average) as average
from leaderboard
where headline and average is not null and parameters is not null
group by size, lane
order by min(parameters), lane
