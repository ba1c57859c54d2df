/** Seconds on a media's clock. Never milliseconds, never a number of pictures. */
export type Seconds = number & { readonly __unit: 'seconds' }

export function seconds(value: number): Seconds {
  return value as Seconds
}

/** Half-open: `end` is the first moment that is not in it. */
export interface Span {
  readonly start: Seconds
  readonly end: Seconds
}
