import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CONTENT_PREFIXES, MAX_SCHEDULE_DAYS, TABLES, type TableShape } from '../../../shared/resources.ts';
import { acknowledge } from '../base/acknowledge.ts';
import { createStoreGrants, type StoreGrants } from './store-grants.ts';

interface MessageStoreProps {
  readonly keepContentDays: number;
}

/** No record may outlive the content it refers to: 14 days in a queue, and a day to notice. */
const SHORTEST_OBJECT_DAYS = 15;

/** Stream view of the tables whose writes are told to subscribers (`outbox.ts`). */
const TOLD = { stream: StreamViewType.NEW_AND_OLD_IMAGES };

/** Everything that is kept: four tables split by lifecycle, and a bucket for content that is too large for them. */
export class MessageStore extends Construct {
  readonly messages: Table;
  readonly suppressions: Table;
  readonly catalog: Table;
  readonly events: Table;
  readonly content: Bucket;
  /** Permissions that functions may be given. */
  readonly grants: StoreGrants;

  constructor(scope: Construct, id: string, props: MessageStoreProps) {
    super(scope, id);
    this.messages = this.table('Messages', TABLES.messages, TOLD);
    this.suppressions = this.table('Suppressions', TABLES.suppressions, TOLD);
    this.catalog = this.table('Catalog', TABLES.catalog, TOLD);
    this.events = this.table('Events', TABLES.events);

    const expiration = Duration.days(Math.max(props.keepContentDays + 1, SHORTEST_OBJECT_DAYS));
    this.content = new Bucket(this, 'Content', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: Object.values(CONTENT_PREFIXES).map((prefix) => ({
        prefix,
        expiration:
          prefix === CONTENT_PREFIXES.scheduled
            ? expiration.plus(Duration.days(MAX_SCHEDULE_DAYS))
            : expiration,
      })),
    });
    acknowledge(
      this.content,
      'AwsSolutions-S1',
      'Only the functions of this stack read and write it; access logs would cost a PUT for every few objects and hold nothing that CloudTrail data events cannot show on demand.',
    );
    this.grants = createStoreGrants(this);
  }

  private table(id: string, shape: TableShape, options: Pick<TableProps, 'stream'> = {}): Table {
    return new Table(this, id, {
      ...options,
      partitionKey: { name: shape.partitionKey, type: AttributeType.STRING },
      sortKey: { name: shape.sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(shape.timeToLiveAttribute === undefined ? {} : { timeToLiveAttribute: shape.timeToLiveAttribute }),
    });
  }
}
