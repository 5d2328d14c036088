import {
  AlreadyExistsException,
  CreateTenantCommand,
  CreateTenantResourceAssociationCommand,
  DeleteTenantResourceAssociationCommand,
  GetTenantCommand,
  NotFoundException,
  paginateListTenantResources,
  type SESv2ClientConfig,
} from '@aws-sdk/client-sesv2';
import { createSesControlClient, PATIENT } from '../../base/adapters/ses-control-client.ts';
import type { SesTenant, SesTenants } from '../ports.ts';

/** Tenants of SES (API reference, `CreateTenant` and its kin); every call is the same when it is repeated. */
export function createSesTenants(config: SESv2ClientConfig = {}): SesTenants {
  const client = createSesControlClient({ ...PATIENT, ...config });

  const get = async (TenantName: string): Promise<SesTenant | undefined> => {
    const answer = await unless(NotFoundException, client.send(new GetTenantCommand({ TenantName })));
    return answer && toTenant(answer.Tenant);
  };

  return {
    get,

    async create(TenantName) {
      const created = client.send(new CreateTenantCommand({ TenantName }));
      const answer = await unless(AlreadyExistsException, created);
      const tenant = answer === undefined ? await get(TenantName) : toTenant(answer);
      if (tenant === undefined) throw new TypeError('SES does not say which tenant it made.');
      return tenant;
    },

    async resourcesOf(TenantName) {
      const arns: string[] = [];
      for await (const { TenantResources = [] } of paginateListTenantResources({ client }, { TenantName }))
        arns.push(...TenantResources.flatMap(({ ResourceArn }) => ResourceArn ?? []));
      return arns;
    },

    async associate(TenantName, ResourceArn) {
      const command = new CreateTenantResourceAssociationCommand({ TenantName, ResourceArn });
      await unless(AlreadyExistsException, client.send(command));
    },

    async dissociate(TenantName, ResourceArn) {
      const command = new DeleteTenantResourceAssociationCommand({ TenantName, ResourceArn });
      await unless(NotFoundException, client.send(command));
    },
  };
}

type Refusal = typeof NotFoundException | typeof AlreadyExistsException;

async function unless<T>(Known: Refusal, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Known) return undefined;
    throw error;
  }
}

function toTenant(
  answer: { TenantArn?: string | undefined; SendingStatus?: string | undefined } | undefined,
) {
  const { TenantArn, SendingStatus } = answer ?? {};
  return TenantArn === undefined ? undefined : { arn: TenantArn, isDisabled: SendingStatus === 'DISABLED' };
}
