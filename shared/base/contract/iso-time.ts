/** ISO 8601 in the forms that SDKs and databases print, a space for the `T` included. */
const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)?)?$/;

/**
 * Epoch milliseconds of a time, which is UTC where it gives no offset; a date alone begins at midnight.
 * @returns undefined, or NaN, where the text is no time
 */
export function readIsoTime(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hours = '00', minutes = '00', seconds = '00', fraction = ''] = match;
  const [sign = '+', offsetHours = '00', offsetMinutes = '00'] = match.slice(8);
  const isCalendarDay = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
  if (!isCalendarDay || Number(hours) > 23 || Number(offsetHours) > 14) return undefined;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  return Date.parse(
    `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}${sign}${offsetHours}:${offsetMinutes}`,
  );
}
