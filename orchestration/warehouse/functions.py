"""The functions that a user's query may call, on every engine: they compute from their arguments and do nothing else.

An allow-list: what reads files or settings, runs SQL given as text, waits, takes locks, moves a sequence or reaches
another database is not here, and neither is what nobody has looked at yet. A name must be harmless on all engines.
"""

from __future__ import annotations


def _names(*texts: str) -> frozenset[str]:
    return frozenset(name for text in texts for name in text.split())


AGGREGATES = """
any_value approx_count_distinct approx_quantile approx_top_k arg_max arg_max_null arg_min arg_min_null argmax argmin
array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop covar_samp
entropy every favg first first_value fsum geomean geometric_mean group_concat grouping grouping_id histogram json_agg
json_group_array json_group_object json_object_agg jsonb_agg jsonb_object_agg kahan_sum kurtosis kurtosis_pop last
last_value list listagg mad max max_by mean median min min_by mode percentile_cont percentile_disc product quantile
quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy
regr_syy reservoir_quantile sem skewness stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp
variance
"""
WINDOWS = "cume_dist dense_rank fill lag lead nth_value ntile percent_rank rank rank_dense row_number"
NUMBERS = """
abs acos acosh add asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees div divide even exp
factorial fdiv floor fmod gamma gcd greatest greatest_common_divisor isfinite isinf isnan lcm least
least_common_multiple lgamma ln log log10 log2 mod multiply nextafter pi pow power radians random round round_even
roundbankers scale sign signbit sin sinh sqrt subtract tan tanh trim_scale trunc width_bucket
"""
TEXTS = """
ascii bar base64 bit_length btrim char_length character_length chr concat concat_ws contains damerau_levenshtein
decode editdist3 encode ends_with format format_bytes from_base64 hamming hash hex ilike_escape initcap instr jaccard
jaro_similarity jaro_winkler_similarity lcase left length levenshtein like_escape lower lpad ltrim md5 mismatches
nfc_normalize normalize not_ilike_escape not_like_escape octet_length ord overlay parse_filename position prefix
quote_ident quote_literal quote_nullable regexp_count regexp_escape regexp_extract regexp_extract_all
regexp_full_match regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim sha1 sha224 sha256 sha384 sha512 split
split_part starts_with str_split str_split_regex string_split string_split_regex string_to_array string_to_table
strip_accents strlen strpos substr substring substring_grapheme suffix to_base to_base64 to_hex translate trim ucase
unaccent unhex unicode upper url_decode url_encode
"""
TIMES = """
age century date_add date_bin date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname
dayofmonth dayofweek dayofyear decade epoch epoch_ms epoch_ns epoch_us era extract hour isodow isoyear julian
justify_days justify_hours justify_interval last_day make_date make_interval make_time make_timestamp
make_timestamp_ms make_timestamptz microsecond millennium millisecond minute month monthname nanosecond now quarter
second strftime strptime time_bucket timezone timezone_hour timezone_minute to_centuries to_char to_date to_days
to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_number to_quarters to_seconds
to_timestamp to_weeks to_years today try_strptime week weekday weekofyear year yearweek
"""
LISTS = """
aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains
array_cosine_distance array_dims array_distance array_distinct array_element array_extract array_filter array_fill
array_has array_has_all array_has_any array_indexof array_inner_product array_intersect array_length array_lower
array_ndims array_pop_back array_pop_front array_position array_positions array_prepend array_push_back
array_push_front array_reduce array_remove array_replace array_resize array_reverse array_reverse_sort array_sample
array_shuffle array_slice array_sort array_to_json array_to_string array_to_string_comma_default array_transform
array_unique array_upper array_value array_where array_zip cardinality element_at filter flatten generate_series
generate_subscripts grade_up len list_aggr list_aggregate list_any_value list_append list_apply list_avg list_cat
list_concat list_contains list_count list_distinct list_element list_extract list_filter list_first list_grade_up
list_has list_has_all list_has_any list_indexof list_intersect list_last list_max list_median list_min list_mode
list_pack list_position list_prepend list_reduce list_resize list_reverse list_reverse_sort list_select list_slice
list_sort list_string_agg list_sum list_transform list_unique list_value list_where list_zip map map_concat
map_contains map_entries map_extract map_extract_value map_from_entries map_keys map_values range reduce row
struct_concat struct_extract struct_insert struct_keys struct_pack unnest unpivot_list
"""
JSON = """
from_json json json_array json_array_elements json_array_elements_text json_array_length json_build_array
json_build_object json_contains json_each json_each_text json_exists json_extract json_extract_path
json_extract_path_text json_extract_string json_keys json_merge_patch json_object json_object_keys json_pretty
json_query json_quote json_strip_nulls json_structure json_transform json_tree json_type json_typeof json_valid
json_value jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_object_keys jsonb_path_exists
jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_strip_nulls jsonb_typeof row_to_json
to_json to_jsonb
"""
OTHERS = """
bernoulli cast coalesce columns equi_width_bins if ifnull iff isnull not_null nullif num_nonnulls num_nulls nvl try
try_cast typeof
"""
TYPES = """
bigint bit blob boolean bpchar bytea char character date datetime dec decimal double float float4 float8 hugeint int
int2 int4 int8 integer interval nchar numeric real smallint struct text time timestamp timestamptz timetz tinyint
ubigint uinteger union usmallint utinyint uuid varbit varchar varying zone
"""

FUNCTIONS = _names(AGGREGATES, WINDOWS, NUMBERS, TEXTS, TIMES, LISTS, JSON, OTHERS, TYPES)

# Words that may stand before a parenthesis without being a function.
KEYWORDS = _names(
    """
    all and any array as asof between by case cube distinct else except exclude exists filter from group having ilike
    in intersect is join lateral left like limit materialized not offset on or over pivot qualify rename replace right
    rollup select sets some struct then to unpivot using values when where with within
    """
)

# Words of statements that do more than read, refused as bare words wherever they stand.
FORBIDDEN_WORDS = _names(
    """
    alter attach call copy create delete describe detach drop execute explain export grant import insert install into
    load lock merge pragma revoke show summarize table truncate update vacuum
    """
)
