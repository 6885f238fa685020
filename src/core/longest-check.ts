/**
 * The longest that a check may take, in milliseconds: `limits.checkTimeout` is never more. A check judges by the time at
 * which it began, so what it may ask after a wait is kept for so long.
 */
export const longestCheck = 30_000;
