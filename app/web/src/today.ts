/** The day where one sits. */

/** The day of a moment in the time zone of the person who looks, such as `2026-12-01`. */
export function localDay(moment: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
