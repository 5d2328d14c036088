/** ISO 8601 in the forms that SDKs and databases print, a space for the `T` included. */
const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)?)?$/;

/** Whether a text is meant as one. */
export const looksLikeIsoTime = (text: string): boolean => /^\d{4}-\d{2}-\d{2}/.test(text);

/** Times are UTC where no offset is given, and dates alone begin at midnight; undefined for what is no time. */
export function readIsoTime(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hours = '00', minutes = '00', seconds = '00', fraction = ''] = match;
  const [sign = '+', offsetHours = '00', offsetMinutes = '00'] = match.slice(8);
  const isCalendarDay = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
  if (!isCalendarDay || Number(hours) > 23 || Number(offsetHours) > 14) return undefined;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const epochMs = Date.parse(
    `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}${sign}${offsetHours}:${offsetMinutes}`,
  );
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
