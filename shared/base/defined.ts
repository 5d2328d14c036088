/** Fields of which each is there, or is absent and never undefined (`exactOptionalPropertyTypes`). */
type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Leaves out what is undefined; what may be null or empty stays. */
export function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const kept: Defined<Fields> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) kept[name] = value as Defined<Fields>[typeof name];
  }
  return kept;
}
