/** How much of a budget is used: 0 to 1 and beyond. A budget of nothing is used up by the first cent. */
export function shareOf(used: number, most: number): number {
  if (most <= 0) return used > 0 ? 1 : 0
  return used / most
}
