/** The same type while it is being made. */
export type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };
