import type { refusedForms } from '../../../../src/core/policy/condition/forms.ts';

/**
 * The forms that conditions refuse: how an author would write each, and the cases of the suite (section/group/name) that
 * cel-js gets wrong, if any.
 */
export const shownForms = {
  unsigned: {
    form: '`3u`',
    shownBy: [
      'lists/in/uint_in_ints',
      'lists/in/uint_in_doubles',
      'lists/in/int_in_uints',
      'lists/in/double_in_uints',
      'comparisons/eq_literal/eq_list_mixed_type_numbers',
    ],
  },
  bytes: {
    form: "`b'…'`",
    shownBy: ['comparisons/eq_literal/eq_bytes', 'comparisons/ne_literal/not_ne_bytes'],
  },
  map: {
    form: '`{…}`, `.?`, `[?]`',
    shownBy: [
      'fields/qualified_identifier_resolution/map_key_float',
      'fields/qualified_identifier_resolution/map_key_null',
      'fields/qualified_identifier_resolution/map_value_repeat_key',
      'fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous',
      'comparisons/eq_literal/eq_map_mixed_type_numbers',
    ],
  },
  largeInt: {
    form: '`9007199254740993`',
    shownBy: [
      'comparisons/lt_literal/not_lt_dyn_int_big_lossy_double',
      'comparisons/gt_literal/not_gt_dyn_big_double_int',
      'comparisons/lte_literal/lte_dyn_big_double_int',
      'comparisons/gte_literal/gte_dyn_int_big_lossy_double',
    ],
  },
  negation: {
    form: '`-x`',
    shownBy: ['integer_math/int64_math/int64_min_negate'],
  },
  division: {
    form: '`x / y`, `x % y`',
    shownBy: ['integer_math/int64_math/int64_min_negate_div'],
  },
  timeArithmetic: {
    form: '`time + span + span`, `span - span`, `span + time`',
    shownBy: ['timestamps/duration_range/add_over', 'timestamps/duration_range/sub_under'],
  },
  timestamp: {
    form: "`timestamp(x)`, `timestamp('9999-12-31T23:59:59Z')`",
    shownBy: [
      'timestamps/timestamp_range/add_duration_over',
      'timestamps/timestamp_range/add_duration_under',
      'timestamps/timestamp_range/sub_time_duration_over',
      'timestamps/timestamp_arithmetic/add_time_to_duration_nanos_positive',
    ],
  },
  duration: {
    form: "`duration(x)`, `duration('320000000000s')`",
    shownBy: ['timestamps/duration_range/from_string_over', 'timestamps/duration_range/from_string_under'],
  },
  precedence: {
    form: '`a == b in c`, `a != b < c`',
    shownBy: [],
  },
  textOrder: {
    form: '`claims.a < claims.b`',
    shownBy: [],
  },
} as const satisfies Record<
  keyof typeof refusedForms,
  { readonly form: string; readonly shownBy: readonly string[] }
>;
