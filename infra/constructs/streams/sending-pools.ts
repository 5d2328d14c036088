import { CfnDedicatedIpPool } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { StreamConfig } from '../../stream-config.ts';

interface SendingPoolsProps {
  readonly streams: Readonly<Record<string, StreamConfig>>;
}

/**
 * SES's shared pool. It is always named: a configuration set without a pool uses the account's unassigned
 * dedicated IPs.
 */
export const SHARED_POOL = 'ses-shared-pool';

/** The dedicated IP pool of every stream that has one, by the stream's name. */
export class SendingPools extends Construct {
  private readonly names: ReadonlyMap<string, string>;

  constructor(scope: Construct, id: string, { streams }: SendingPoolsProps) {
    super(scope, id);
    const dedicated = Object.entries(streams).filter(([, { pool }]) => pool !== 'shared');
    this.names = new Map(
      dedicated.map(([name, { pool }]) => [
        name,
        new CfnDedicatedIpPool(this, name, { scalingMode: pool === 'managed' ? 'MANAGED' : 'STANDARD' }).ref,
      ]),
    );
  }

  /** Name of a stream's pool; undefined for a stream on shared addresses. */
  nameOf(stream: string): string | undefined {
    return this.names.get(stream);
  }
}
