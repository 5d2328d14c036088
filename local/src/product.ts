import type { Assembly } from './assembly/assembly.ts';
import type { DynamoDbEmulator } from './dynamodb/emulator.ts';
import type { Settings } from './host/settings.ts';

/** Facts about what is hosted that a template does not say. */
export interface Product {
  /** Name by which its users know it. */
  readonly name: string;
  /** The variable of a function that holds its folder's name. */
  readonly functionNameVariable: string;
  /** Paths at which the one front serves the URL of each function that has one, by the function's folder. */
  readonly functionUrlPaths: Readonly<Record<string, string>>;
  /** Variables that its functions have here alone. */
  functionEnvironment(settings: Settings): Readonly<Record<string, string>>;
  /** Finds the key that the deployment made, which the friendly one stands for. */
  readToken(assembly: Assembly, dynamodb: Pick<DynamoDbEmulator, 'call'>): () => Promise<string | undefined>;
  /** A sender of the mail that the page shows how to send. */
  readonly sampleSender: string;
}
