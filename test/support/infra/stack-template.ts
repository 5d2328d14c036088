import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Config, defineConfig } from '../../../infra/config.ts';
import { PipelineStack } from '../../../infra/pipeline-stack.ts';
import { functionFolders } from './function-folders.ts';

type Properties = Record<string, unknown>;

export interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/** The stack for a domain that somebody owns, with a bundle of one line for every function. */
export function pipelineStack(overrides: Partial<Config> = {}, app = new App()): PipelineStack {
  const config = defineConfig({ domains: ['mail.acme.io'], ...overrides });
  return new PipelineStack(app, 'Test', { config, distDir: placeholderBundles() });
}

const templates = new Map<string, Template>();

/** The template of such a stack; one for all who ask for the same in a process. */
export function synthesiseStack(overrides: Partial<Config> = {}): Template {
  const key = JSON.stringify(overrides);
  const template = templates.get(key) ?? Template.fromStack(pipelineStack(overrides));
  templates.set(key, template);
  return template;
}

export const propertiesOf = (template: Template, type: string): Properties[] =>
  Object.values(template.findResources(type)).map((resource) => resource.Properties as Properties);

/** The variables of every function, in the order of the stack. */
export const environmentsIn = (template: Template): Readonly<Record<string, unknown>>[] =>
  propertiesOf(template, 'AWS::Lambda::Function').map(
    ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables,
  );

/** The functions, in the order of the stack. */
export const functionNamesIn = (template: Template): readonly string[] =>
  environmentsIn(template).map(({ POSTLANE_FUNCTION }) => String(POSTLANE_FUNCTION));

/** What a function's role allows. Throws for a function that the template does not have. */
export function statementsOf(template: Template, name: string): Statement[] {
  const roles = propertiesOf(template, 'AWS::IAM::Role').filter(
    (role) => role.Description === `What ${name} may do`,
  );
  if (roles.length !== 1) throw new Error(`${roles.length} roles of ${name}`);
  return roles.flatMap((role) =>
    (role.Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
      (policy) => policy.PolicyDocument.Statement,
    ),
  );
}

let bundles: string | undefined;

function placeholderBundles(): string {
  if (bundles !== undefined) return bundles;
  const folder = mkdtempSync(join(tmpdir(), 'postlane-dist-'));
  bundles = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const name of functionFolders()) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.js'), `exports.handler = async () => '${name}';`);
  }
  return folder;
}
