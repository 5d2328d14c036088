import type { Domains } from '../../domains/ports.ts';
import type { Streams } from '../../streams/stream.ts';
import type { StreamSettings } from '../../streams/stream-settings.ts';
import type { SesTenant, SesTenants } from '../ports.ts';

export interface CompleteTenantDeps {
  readonly sesTenants: SesTenants;
  readonly streams: Streams;
  /** Domains of postlane.config.ts: every tenant may send from them. */
  readonly configuredDomains: readonly string[];
  readonly domains: Pick<Domains, 'list'>;
}

/**
 * Makes the tenant in SES, where it is missing, and lets it send with everything that its mail may need: SES refuses the
 * rest. The same again changes nothing.
 */
export async function completeTenant(name: string, deps: CompleteTenantDeps): Promise<SesTenant> {
  const { sesTenants, streams, configuredDomains, domains } = deps;
  const tenant = (await sesTenants.get(name)) ?? (await sesTenants.create(name));
  const own = (await domains.list(name)).filter(({ identity }) => identity !== undefined);
  const wanted = [
    ...streams.all.flatMap(configurationSetsOf).map((set) => `configuration-set/${set}`),
    ...[...configuredDomains, ...own.map((domain) => domain.name)].map((domain) => `identity/${domain}`),
  ];
  const has = new Set(await sesTenants.resourcesOf(name));
  for (const resource of new Set(wanted)) {
    const arn = arnBeside(tenant, resource);
    if (!has.has(arn)) await sesTenants.associate(name, arn);
  }
  return tenant;
}

/** Releases an identity before it goes: SES keeps one that a tenant sends with. */
export async function releaseIdentity(tenant: string, domain: string, sesTenants: SesTenants): Promise<void> {
  const found = await sesTenants.get(tenant);
  if (found !== undefined) await sesTenants.dissociate(tenant, arnBeside(found, `identity/${domain}`));
}

/** ARN of a resource in the same account and region. */
const arnBeside = ({ arn }: SesTenant, resource: string): string =>
  `${arn.slice(0, arn.indexOf(':tenant/'))}:${resource}`;

const configurationSetsOf = (stream: StreamSettings): readonly string[] =>
  [stream.configurationSet, stream.sharedConfigurationSet, stream.overflowConfigurationSet].filter(
    (set) => set !== undefined,
  );
