/** Mailboxes of the simulator that SES answers itself. */
export type SimulatedMailbox = 'bounce' | 'complaint' | 'ooto' | 'suppressionlist';

const SIMULATOR_DOMAIN = '@simulator.amazonses.com';
const MAILBOXES: readonly string[] = ['bounce', 'complaint', 'ooto', 'suppressionlist'];

/**
 * Finds the simulated mailbox that an address names, label aside; undefined for `success@` and for every real
 * address, which go out by SMTP. An unknown name at the simulator's domain bounces like an unknown user.
 */
export function findSimulatedMailbox(address: string): SimulatedMailbox | undefined {
  const lower = address.toLowerCase();
  if (!lower.endsWith(SIMULATOR_DOMAIN)) return undefined;

  const name = lower.slice(0, -SIMULATOR_DOMAIN.length).split('+')[0] ?? '';
  if (name === 'success') return undefined;
  return MAILBOXES.includes(name) ? (name as SimulatedMailbox) : 'bounce';
}
