-- One row a file of transfers or grants in which the rows of a summary sheet equal, township by township (level by level), the
-- sums of its other sheets: both would count the same money. A sheet is a summary by its name, or when it has one row a township
-- (a level) and neither date nor document number in any row.
with stated_row as (
    select
        allocations.file_name,
        allocations.sheet,
        placed_row.place,
        allocations.amount_yuan,
        case when allocations.document_date is null and allocations.document_no is null then 0 else 1 end as is_documented
    from raw.allocations
    inner join core.placed_row
        on allocations.row_key = placed_row.row_key
    where allocations.sheet is not null
    union all
    select
        file_name,
        sheet,
        coalesce(fund_level, '') as place,
        amount_yuan,
        case when document_date is null and document_no is null then 0 else 1 end as is_documented
    from raw.fund_documents
    where sheet is not null
),

sheet_place as (
    select
        file_name,
        sheet,
        place,
        coalesce(sum(amount_yuan), 0) as amount_yuan,
        count(*) as row_count,
        max(is_documented) as is_documented
    from stated_row
    group by file_name, sheet, place
),

sheet as (
    select
        file_name,
        sheet,
        coalesce(
            regexp_matches(trim(sheet), '^(汇总|合计|总表).*$') or regexp_matches(trim(sheet), '^.*(汇总|合计|总表)$'), false
        ) or (max(row_count) = 1 and max(is_documented) = 0) as is_summary
    from sheet_place
    group by file_name, sheet
),

compared as (
    select
        summary.file_name,
        summary.sheet as summary_sheet,
        sheet_place.place,
        sum(case when other.sheet = summary.sheet then sheet_place.amount_yuan else 0 end) as own_yuan,
        sum(case when other.sheet <> summary.sheet then sheet_place.amount_yuan else 0 end) as other_yuan,
        sum(case when other.sheet <> summary.sheet and not other.is_summary then sheet_place.amount_yuan else 0 end)
            as detail_yuan
    from sheet as summary
    inner join sheet as other
        on summary.file_name = other.file_name
    inner join sheet_place
        on other.file_name = sheet_place.file_name and other.sheet = sheet_place.sheet
    where summary.is_summary
    group by summary.file_name, summary.sheet, sheet_place.place
),

-- Beside a second summary the details alone may make the sums.
equal as (
    select
        file_name,
        summary_sheet,
        max(case when own_yuan <> other_yuan then 1 else 0 end) = 0 as equals_others
    from compared
    group by file_name, summary_sheet
    having
        max(case when own_yuan <> other_yuan then 1 else 0 end) = 0
        or max(case when own_yuan <> detail_yuan then 1 else 0 end) = 0
),

summed as (
    select
        equal.file_name,
        equal.summary_sheet,
        string_agg(sheet.sheet, '、' order by sheet.sheet) as detail_sheets
    from equal
    inner join sheet
        on
            equal.file_name = sheet.file_name
            and equal.summary_sheet <> sheet.sheet
            and (equal.equals_others or not sheet.is_summary)
    group by equal.file_name, equal.summary_sheet
),

ranked as (
    select
        summed.*,
        row_number() over (partition by file_name order by summary_sheet) as position
    from summed
)

select
    file_name,
    summary_sheet,
    detail_sheets
from ranked
where position = 1
