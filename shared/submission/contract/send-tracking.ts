import { invalidField } from '../../base/contract/errors.ts';
import { defined } from '../../base/defined.ts';
import type { VerifiedDomain } from '../../domains/ports.ts';
import {
  asksForTracking,
  chooseTracking,
  type MailTracking,
  type TrackingChoice,
} from '../../mail/tracking.ts';
import type { StreamSettings } from '../../streams/stream-settings.ts';

/**
 * The `tracking` of a mail, where something other than its stream decides on it.
 * @throws ContractError 422 where it asks for what its stream never does
 */
export function readTracking(
  given: TrackingChoice | null | undefined,
  stream: Pick<StreamSettings, 'name' | 'tracking'>,
  domain: VerifiedDomain,
): { readonly tracking?: MailTracking } {
  const own = given ?? {};
  if (stream.tracking === undefined && asksForTracking(own)) {
    throw invalidField(
      `The \`tracking\` field asks for what mail on the stream \`${stream.name}\` never gets: an operator can give the stream \`tracking: {}\` in postlane.config.ts.`,
    );
  }
  const tracking = chooseTracking(own, { stream: stream.tracking, domain: domain.tracking });
  return defined({ tracking });
}
