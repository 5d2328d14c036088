import { malformedRequest } from './errors.ts';

/** @throws ContractError 400 */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw malformedRequest('The request body is not valid JSON.', cause);
  }
}
