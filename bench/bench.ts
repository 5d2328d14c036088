import { costPerMillion } from './cost-per-million.ts';
import { deliveryOfBatches } from './delivery-of-batches.ts';
import { moduleLoad } from './module-load.ts';
import { webhookDeliveries } from './webhook-deliveries.ts';

/** Parts that print every number the README quotes. Each says what it measured and against which line. */
const PARTS = [moduleLoad, costPerMillion, deliveryOfBatches, webhookDeliveries] as const;

for (const part of PARTS) {
  process.stdout.write(`\n${part.title}\n`);
  for (const line of await part.run()) process.stdout.write(`  ${line}\n`);
}
