import type { SesTenants } from '../../../shared/tenants/ports.ts';

/** Tenants of SES in memory: what each may send with, and whom SES has disabled. */
export function rememberedSesTenants() {
  const resources = new Map<string, Set<string>>();
  const disabled = new Set<string>();
  const state = { isDown: false };
  const reach = () => {
    if (state.isDown) throw new Error('SES is down');
  };
  const tenantOf = (name: string) => ({
    arn: `arn:aws:ses:us-east-1:123456789012:tenant/${name}/tn-1`,
    isDisabled: disabled.has(name),
  });
  const port: SesTenants = {
    async get(name) {
      reach();
      return resources.has(name) ? tenantOf(name) : undefined;
    },
    async create(name) {
      reach();
      if (!resources.has(name)) resources.set(name, new Set());
      return tenantOf(name);
    },
    async resourcesOf(name) {
      reach();
      return [...(resources.get(name) ?? [])];
    },
    async associate(name, arn) {
      reach();
      resources.get(name)?.add(arn);
    },
    async dissociate(name, arn) {
      reach();
      resources.get(name)?.delete(arn);
    },
  };
  return { port, resources, disabled, state };
}
