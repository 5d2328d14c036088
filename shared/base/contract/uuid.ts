import { ContractError } from './errors.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** UUIDv7 of the years until 2527, which is what our own ids are; dates of later ones have no four-digit year at some point. */
const OWN_ID = /^0[0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** @throws ContractError 422, naming the parameter */
export function readUuid(text: string, name: string): string {
  const id = text.toLowerCase();
  if (UUID.test(id)) return id;
  throw new ContractError(422, 'invalid_parameter', `The \`${name}\` must be a valid UUID.`);
}

/** Tells whether an id can be one of ours: only then is there a time in it. */
export const isOwnId = (id: string): boolean => OWN_ID.test(id);
