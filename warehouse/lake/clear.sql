-- The statements that remove all there is, first what rests on other things.
select statement
from (
    select 1 as turn, concat('drop view ', view_name) as statement
    from duckdb_views()
    where database_name = current_database() and not internal
    union all
    select distinct
        2,
        concat(
            'drop macro ',
            case when function_type = 'table_macro' then 'table ' end,
            function_name
        )
    from duckdb_functions()
    where database_name = current_database() and not internal
    union all
    select 3, concat('drop table ', table_name)
    from duckdb_tables()
    where database_name = current_database() and not internal
) as statements
order by turn, statement
